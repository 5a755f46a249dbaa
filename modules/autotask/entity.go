package autotask

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// normal is the priority of a call, on a scale of 0 to 10.
const normal = 5

// Entity is one kind of record of a tenant. All its methods may be called concurrently.
type Entity[T any] struct {
	client  *Client
	info    registry.Entity
	breaker *circuitbreaker.Breaker
}

// record is what a struct of package entities can tell about itself.
type record interface {
	RecordID() entities.Optional[int64]
	ParentID() entities.Optional[int64]
	WithoutID() any
}

func newEntity[T any](c *Client, breakers *circuitbreaker.Service, name string) (*Entity[T], error) {
	info, ok := registry.Find(name)
	if _, isRecord := any(new(T)).(record); !ok || !isRecord {
		return nil, fmt.Errorf("%s is no entity that this client knows", name)
	}
	b, err := breaker(breakers, name)
	return &Entity[T]{client: c, info: info, breaker: b}, err
}

// Get reads one record, with one request. A record that does not exist is *[apierror.NotFoundError].
func (e *Entity[T]) Get(ctx context.Context, id int64) (*T, error) {
	r := e.request(apierror.Get, http.MethodGet, e.info.Name+"/"+strconv.FormatInt(id, 10), nil)
	var answer struct {
		Item *T `json:"item"`
	}
	if err := e.send(ctx, r, &answer); err != nil {
		return nil, err
	}
	return answer.Item, nil
}

// Count tells how many records a query matches, with one request. The query's fields and page size do not matter.
func (e *Entity[T]) Count(ctx context.Context, q query.Query) (int64, error) {
	body, err := encode(q.Matching())
	if err != nil {
		return 0, err
	}
	var answer struct {
		QueryCount int64 `json:"queryCount"`
	}
	err = e.send(ctx, e.request(apierror.Count, http.MethodPost, e.info.Name+"/query/count", body), &answer)
	return answer.QueryCount, err
}

// Create makes a record and returns its id. An entity that Autotask creates under a parent goes to the parent's address by
// itself: a TicketNote to /Tickets/{ticketID}/Notes. The id of v is not sent.
//
// A create is sent again only where it is proved that the attempt before had no effect. An error whose details say
// Ambiguous leaves open whether the record exists.
func (e *Entity[T]) Create(ctx context.Context, v *T) (int64, error) {
	path := e.info.Name
	rec, ok := any(v).(record)
	r := e.request(apierror.Create, http.MethodPost, path, nil)
	if !ok || v == nil {
		return 0, apierror.Invalid(r.Request, "there is no record to create")
	}
	if e.info.Parent != "" {
		parent, ok := rec.ParentID().Get()
		if !ok {
			return 0, apierror.Invalid(r.Request, fmt.Sprintf(
				"%s is required: a %s is created under one of %s", e.info.ParentField, e.info.Singular, e.info.Parent,
			))
		}
		path = e.info.Parent + "/" + strconv.FormatInt(parent, 10) + "/" + e.info.Child
	}
	body, err := encode(rec.WithoutID())
	if err != nil {
		return 0, err
	}
	var answer struct {
		ItemID *itemID `json:"itemId"`
	}
	r = e.request(apierror.Create, http.MethodPost, path, body)
	if err := e.send(ctx, r, &answer); err != nil {
		return 0, err
	}
	if answer.ItemID == nil {
		return 0, apierror.Unreadable(r.Request, errNoID)
	}
	return int64(*answer.ItemID), nil
}

// Patch changes the fields of v that are set or null, of the record whose id v holds. Other fields stay as they are.
func (e *Entity[T]) Patch(ctx context.Context, v *T) error {
	r := e.request(apierror.Patch, http.MethodPatch, e.info.Name, nil)
	rec, ok := any(v).(record)
	if !ok || v == nil {
		return apierror.Invalid(r.Request, "there is no record to change")
	}
	if _, ok := rec.RecordID().Get(); !ok {
		return apierror.Invalid(r.Request, "id is required")
	}
	var err error
	if e.info.Parent != "" && !e.info.Verbs.Has(registry.Patch) {
		parent, ok := rec.ParentID().Get()
		if !ok {
			return apierror.Invalid(r.Request, fmt.Sprintf(
				"%s is required: a %s is changed under one of %s", e.info.ParentField, e.info.Singular, e.info.Parent,
			))
		}
		r.Path = e.info.Parent + "/" + strconv.FormatInt(parent, 10) + "/" + e.info.Child
	}
	if r.body, err = encode(v); err != nil {
		return err
	}
	return e.send(ctx, r, nil)
}

// request is a call of this entity.
func (e *Entity[T]) request(op apierror.Op, method, path string, body []byte) request {
	return request{
		Request: apierror.Request{Op: op, Entity: e.info.Name, Method: method, Path: path},
		breaker: e.breaker, key: registry.ThreadKey(path), priority: normal, body: body,
	}
}

// send makes the call and decodes its answer, unless into is nil.
func (e *Entity[T]) send(ctx context.Context, r request, into any) error {
	answer, err := e.client.call(ctx, r)
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(answer.body, into); err != nil {
		return apierror.Unreadable(r.Request, err)
	}
	return nil
}

// encode writes a body. What cannot be written is the caller's fault, and says so without a record's values.
func encode(v any) ([]byte, error) {
	if q, ok := v.(query.Query); ok {
		if err := q.Validate(); err != nil {
			return nil, fmt.Errorf("autotask: %w", err)
		}
	}
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("autotask: encode: %w", err)
	}
	return body, nil
}

// itemID is the id of a created record, which Autotask's own description leaves without a type: a number, a number in
// quotes, or an object that holds one of them.
type itemID int64

var errNoID = errors.New("it names no id")

// UnmarshalJSON reads any of the three; without an id it fails.
func (i *itemID) UnmarshalJSON(data []byte) error {
	var object struct {
		ID     entities.Optional[int64] `json:"id"`
		ItemID entities.Optional[int64] `json:"itemId"`
	}
	if err := json.Unmarshal(data, &object.ItemID); err != nil {
		if json.Unmarshal(data, &object) != nil {
			return err
		}
	}
	id, ok := object.ItemID.Get()
	if !ok {
		id, ok = object.ID.Get()
	}
	if !ok {
		return errNoID
	}
	*i = itemID(id)
	return nil
}
