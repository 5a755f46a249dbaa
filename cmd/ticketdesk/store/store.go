// Package store keeps the last good answers of Autotask, for the time when Autotask gives none.
//
// It holds rows by id and first pages of lists, 10,000 answers in all; the oldest give way. Keeping is a courtesy: when the
// database fails, the answer that was read is served all the same, and the failure is logged.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/holdfast-go/holdfast/database"
)

const (
	capacity = 10_000          // answers
	slack    = 1_000           // further answers that a trim makes room for, so that it is rare
	batch    = 100             // rows per INSERT
	maxName  = 512             // bytes; an answer with a longer name is not kept
	patience = 2 * time.Second // for a write; the request has its answer and waits no longer
)

// ErrNone says that nothing is kept under a name.
var ErrNone = errors.New("no answer kept")

// Store is safe for concurrent use.
type Store struct {
	db       *database.Service
	log      *slog.Logger
	patience time.Duration
}

// New returns a store on the service's database.
func New(db *database.Service, log *slog.Logger) *Store {
	return &Store{db: db, log: log, patience: patience}
}

// Answer is a value to keep under a name that says what was asked: "tickets/123", "tickets?limit=50".
type Answer struct {
	Name  string
	Value any // goes through encoding/json
}

// row is an answer as the table has it.
type row struct {
	Name     string `gorm:"primaryKey"`
	Body     []byte
	StoredAt time.Time
}

// TableName implements gorm's Tabler.
func (row) TableName() string { return "answers" }

// Put keeps answers in place of what stood under their names. A failure is logged and not returned: the caller has its
// answer. Put outlives a request that was given up, by two seconds at most.
func (s *Store) Put(ctx context.Context, answers ...Answer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience)
	defer cancel()
	if err := s.put(ctx, answers); err != nil {
		s.log.WarnContext(ctx, "answer not kept", slog.Any("error", err))
	}
}

func (s *Store) put(ctx context.Context, answers []Answer) error {
	rows, err := encode(answers)
	if err != nil || len(rows) == 0 {
		return err
	}
	return s.db.Transaction(ctx, "answers.put", func(tx *gorm.DB) error {
		if err := takeTurn(tx); err != nil {
			return err
		}
		if err := makeRoom(tx, len(rows)); err != nil {
			return err
		}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, batch).Error
	})
}

// encode turns answers into rows, one for each name, as a statement may not write a row twice.
func encode(answers []Answer) ([]row, error) {
	now := time.Now().UTC()
	rows := make([]row, 0, len(answers))
	for _, a := range answers {
		if a.Name == "" || len(a.Name) > maxName {
			continue
		}
		body, err := json.Marshal(a.Value)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", a.Name, err)
		}
		rows = append(rows, row{Name: a.Name, Body: body, StoredAt: now})
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.Name, b.Name) })
	rows = slices.CompactFunc(rows, func(a, b row) bool { return a.Name == b.Name })
	return rows[:min(len(rows), capacity)], nil
}

// takeTurn makes the transactions that add rows follow one another, on every replica of the service: each holds the one row
// of this table to its end. Otherwise two that find room for one more could both use it.
func takeTurn(tx *gorm.DB) error {
	return tx.Exec("UPDATE answers_turn SET taken = taken + 1 WHERE id = 1").Error
}

// makeRoom lets the oldest answers give way to n new ones.
func makeRoom(tx *gorm.DB, n int) error {
	var size int64
	if err := tx.Model(&row{}).Count(&size).Error; err != nil || size+int64(n) <= capacity {
		return err
	}
	var youngest row // of those that go
	err := tx.Select("stored_at").Order("stored_at DESC").Offset(max(capacity-slack-n, 0)).Take(&youngest).Error
	if err != nil {
		return err
	}
	return tx.Where("stored_at <= ?", youngest.StoredAt).Delete(&row{}).Error
}

// Forget drops the answers kept under names: they are known to be out of date.
func (s *Store) Forget(ctx context.Context, names ...string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience)
	defer cancel()
	err := s.db.Do(ctx, "answers.forget", func(tx *gorm.DB) error {
		return tx.Where("name IN ?", names).Delete(&row{}).Error
	})
	if err != nil {
		s.log.WarnContext(ctx, "answer not forgotten", slog.Any("error", err))
	}
}

// Get reads the answer kept under a name into value and returns its age. It returns ErrNone where nothing is kept.
func (s *Store) Get(ctx context.Context, name string, value any) (time.Duration, error) {
	var found row
	err := s.db.Do(ctx, "answers.get", func(tx *gorm.DB) error {
		return tx.Where("name = ?", name).Take(&found).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return 0, ErrNone
	}
	if err != nil {
		return 0, err
	}
	return max(time.Since(found.StoredAt), 0), json.Unmarshal(found.Body, value)
}
