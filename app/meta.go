package app

import "slices"

// Key names one kind of metadata that routes carry and guards read, with the
// type of its value. Make each with NewKey, once, as a package variable:
//
//	var Roles = app.NewKey[[]string]("roles")
type Key[T any] struct {
	id *keyID
}

type keyID struct{ name string }

// Meta is one piece of metadata of a route or a group, made by Key.Set and
// given to With.
type Meta struct {
	id    *keyID
	value any
}

// NewKey gives a key of its own: two keys of one name never meet. The name is
// only shown.
func NewKey[T any](name string) Key[T] {
	return Key[T]{id: &keyID{name: name}}
}

// Set gives the metadata to hang on a route or group by With. A route's value
// wins over its group's.
func (k Key[T]) Set(value T) Meta {
	return Meta{id: k.id, value: value}
}

// Get reads the value the route of this request carries; ok is false where it
// carries none.
func (k Key[T]) Get(r *Request) (value T, ok bool) {
	for _, m := range slices.Backward(r.meta) { // the innermost was added last
		if m.id == k.id {
			value, ok = m.value.(T)
			return value, ok
		}
	}
	return value, false
}

// String is the name given to NewKey.
func (k Key[T]) String() string {
	return k.id.name
}
