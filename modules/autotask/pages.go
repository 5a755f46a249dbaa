package autotask

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// maxPages ends an iteration that does not end by itself: five million records.
const maxPages = 10_000

// Page is the records of one answer.
type Page[T any] struct {
	Items []*T
	// More says that there are further records. The next page is the same query with Gt("id", last id).
	More bool
}

// Page reads the first page of a query, with exactly one request.
func (e *Entity[T]) Page(ctx context.Context, q query.Query) (Page[T], error) {
	body, err := encode(q)
	if err != nil {
		return Page[T]{}, err
	}
	items, next, err := e.page(ctx, e.first(body))
	return Page[T]{Items: items, More: next != nil}, err
}

// Query yields every record that a query matches, in the order of their ids, and reads page after page as it goes: one
// request for each, none ahead of need, none after a break. The first error is yielded with a nil record and ends it.
func (e *Entity[T]) Query(ctx context.Context, q query.Query) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		body, err := encode(q)
		if err != nil {
			yield(nil, err)
			return
		}
		first := e.first(body)
		seen := map[string]bool{}
		for r := &first; r != nil; {
			items, next, err := e.page(ctx, *r)
			if err == nil && next != nil {
				err = endless(*next, seen)
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			r = next
		}
	}
}

// endless guards against a next page that was read already, and against more pages than any tenant has.
func endless(next request, seen map[string]bool) error {
	link := next.Path + "?" + next.query
	if seen[link] || len(seen) >= maxPages {
		return apierror.Unreadable(next.Request, fmt.Errorf("the next page after %d pages is one that was read", len(seen)+1))
	}
	seen[link] = true
	return nil
}

func (e *Entity[T]) first(body []byte) request {
	return e.request(apierror.Query, http.MethodPost, e.info.Name+"/query", body)
}

// page reads one page, and gives the request for the next: the same method, the same body, at the address that the answer
// names (following it by GET is refused with 405, without the body with 500).
func (e *Entity[T]) page(ctx context.Context, r request) ([]*T, *request, error) {
	answer, err := e.client.call(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	var page struct {
		Items       []*T `json:"items"`
		PageDetails struct {
			NextPageURL string `json:"nextPageUrl"`
		} `json:"pageDetails"`
	}
	if err := json.Unmarshal(answer.body, &page); err != nil {
		return nil, nil, apierror.Unreadable(r.Request, err)
	}
	if slices.Contains(page.Items, nil) {
		return nil, nil, apierror.Unreadable(r.Request, errors.New("an item is null"))
	}
	if page.PageDetails.NextPageURL == "" {
		return page.Items, nil, nil
	}
	next := r
	next.Path, next.query, err = answer.zone.Cut(page.PageDetails.NextPageURL)
	if err == nil && registry.ThreadKey(next.Path) != e.info.Name {
		err = errors.New("the next page is one of another entity")
	}
	if err != nil {
		return nil, nil, apierror.Unreadable(r.Request, err)
	}
	return page.Items, &next, nil
}
