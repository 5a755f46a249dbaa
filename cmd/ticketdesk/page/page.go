// Package page serves the lists of Autotask a page at a time, and from the store when Autotask does not answer.
package page

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/holdfast-go/holdfast/cmd/ticketdesk/store"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
)

// Params are the query parameters that every list route takes.
type Params struct {
	Limit  int    `query:"limit" default:"100" validate:"min=1,max=500"` // items to a page
	Cursor string `query:"cursor"`                                       // the nextCursor of the page before; empty = the first page
}

// List is the answer of a list route.
type List[T any] struct {
	Items      []*T   `json:"items"`
	NextCursor string `json:"nextCursor,omitempty"` // absent on the last page
	Age        string `json:"-" header:"Age"`       // seconds; set where the list was kept from before
}

// Request says which page of which list is wanted.
type Request struct {
	Params
	List  string         // names the list with its filter, "tickets?status=1"; a cursor is good for this list alone
	Where []query.Filter // the filter in Autotask's words
}

// name is what the first page is kept under.
func (r Request) name() string { return fmt.Sprintf("%s limit %d", r.List, r.Limit) }

// Pager serves the lists of one entity.
type Pager[T any] struct {
	Entity  *autotask.Entity[T]
	Answers *store.Store
	ID      func(*T) int64
	Keep    func(*T) store.Answer // how a row is kept by itself; nil = it is not
}

// Next returns the page asked for, with one request to Autotask, and keeps it for Last.
func (p Pager[T]) Next(ctx context.Context, r Request) (*List[T], error) {
	q := query.New().Where(r.Where...).Limit(r.Limit)
	if r.Cursor != "" {
		after, err := decode(r.List, r.Cursor)
		if err != nil {
			return nil, err
		}
		q = q.Where(query.Gt("id", after))
	}
	found, err := p.Entity.Page(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &List[T]{Items: append([]*T{}, found.Items...)} // [] and not null in JSON
	if n := len(out.Items); n > 0 && found.More {
		out.NextCursor = encode(r.List, p.ID(out.Items[n-1]))
	}
	p.Answers.Put(ctx, p.answers(r, out)...)
	return out, nil
}

func (p Pager[T]) answers(r Request, out *List[T]) []store.Answer {
	var answers []store.Answer
	if r.Cursor == "" {
		answers = append(answers, store.Answer{Name: r.name(), Value: out})
	}
	if p.Keep != nil {
		for _, item := range out.Items {
			answers = append(answers, p.Keep(item))
		}
	}
	return answers
}

// Last returns the first page as it was when Autotask last gave it. It returns the cause where nothing is kept, and for
// further pages, which never are.
func (p Pager[T]) Last(ctx context.Context, r Request, cause error) (*List[T], error) {
	if r.Cursor != "" {
		return nil, cause
	}
	last := new(List[T])
	age, err := p.Answers.Get(ctx, r.name(), last)
	if err != nil {
		return nil, cause
	}
	last.Age = Seconds(age)
	return last, nil
}

// Seconds is an age as the header Age has it (RFC 9111, 5.1).
func Seconds(age time.Duration) string { return strconv.FormatInt(int64(age.Seconds()), 10) }
