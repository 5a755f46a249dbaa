package database

import (
	"context"

	"gorm.io/gorm"
)

// Mode says what a Guard may do with a function.
type Mode uint8

// The modes of a Guard.
const (
	Breaker     Mode = iota + 1 // run once, behind the breaker of that name
	Retry                       // run again while the error is transient
	Reliability                 // both: retry outside, breaker inside
)

// Guard runs fn under the protection that mode names and returns its error,
// or an error of its own where it did not run fn. It may wrap what fn
// returned, and gives fn a context derived from ctx. The floors above supply
// it; see "What a guard sees" in the package documentation.
type Guard func(ctx context.Context, mode Mode, name string, fn func(context.Context) error) error

// Do runs fn with a gorm session bound to ctx, through the guard in mode
// Breaker. It is never repeated, so fn may write.
//
// name says what is done, as in "orders.find": it names the breaker and
// appears in errors, and must come from the code, never from a request. Where
// the database itself fails, the error is an *Error; any other comes back as
// fn returned it.
func (s *Service) Do(ctx context.Context, name string, fn func(tx *gorm.DB) error) error {
	return s.guarded(ctx, name, func(ctx context.Context) error { return fn(s.DB(ctx)) })
}

// Transaction is Do in one transaction, which is committed where fn returns
// nil and rolled back where it returns an error or panics; the panic goes on.
// It is never repeated. Where the connection breaks during the commit, the
// error is ErrCommitUnknown: the transaction may have taken effect.
//
// A transaction within fn is tx.Transaction, which is a savepoint. On SQLite
// a write through the Service from within fn waits for fn itself: for ever,
// where ctx has no deadline. Use tx.
func (s *Service) Transaction(ctx context.Context, name string, fn func(tx *gorm.DB) error) error {
	return s.guarded(ctx, name, func(ctx context.Context) error { return s.transact(ctx, fn) })
}

func (s *Service) transact(ctx context.Context, fn func(tx *gorm.DB) error) error {
	tx := s.DB(ctx).Begin()
	if tx.Error != nil {
		return tx.Error
	}
	ended := false
	defer func() {
		if !ended { // fn failed, panicked or left its goroutine
			tx.Rollback()
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err // database/sql has rolled back, or the line below would not know
	}
	ended = true
	return commitError(tx.Commit().Error)
}

// guarded runs fn once and tells the guard, by the type of its error, whether
// the database failed.
func (s *Service) guarded(ctx context.Context, name string, fn func(context.Context) error) error {
	if s.guard == nil {
		return plain(classify(ctx, name, fn(ctx)))
	}
	return plain(s.guard(ctx, Breaker, name, func(ctx context.Context) error {
		return classify(ctx, name, fn(ctx))
	}))
}
