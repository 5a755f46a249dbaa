package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// maxMembers is how many members an object of a body may have. The real API names no limit; ours keeps a body of many
// tiny members from taking many times its size.
const maxMembers = 10_000

const udfMember = "userDefinedFields"

// Draft is the body of a write. It never changes, and holds no more than the body.
type Draft struct {
	members []member // in the order of the body, but for the user-defined fields
	udfs    []member
	badUDFs bool // userDefinedFields is there and is no list of names and values
}

// member is a name with its value: nil, bool, string, json.Number, or composite.
type member struct {
	name  string
	value any
}

// composite stands for a list or an object, which no field takes.
type composite struct{}

// Parse reads a body, one JSON object. The error is the text for wire.TextBadBody.
func Parse(body []byte) (Draft, error) {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0, string(body) == "null":
		return Draft{}, errors.New("it is empty")
	case !json.Valid(body):
		return Draft{}, invalid(body)
	case body[0] != '{':
		return Draft{}, errors.New("it is something else")
	}
	var d Draft
	n := 0
	for name, raw := range members(body) {
		if n++; n > maxMembers {
			return Draft{}, fmt.Errorf("it has more than %d members", maxMembers)
		}
		if strings.EqualFold(name, udfMember) {
			d.udfs, d.badUDFs = pairs(raw)
			continue
		}
		d.members = append(d.members, member{name, scalar(raw)})
	}
	return d, nil
}

// invalid says what is wrong with a body that is no JSON.
func invalid(body []byte) error {
	err := json.Unmarshal(body, new(json.RawMessage))
	if err == nil || strings.HasSuffix(err.Error(), "after top-level value") {
		return errors.New("more follows after the JSON value")
	}
	return err
}

// pairs reads a list of objects with a name and a value. Null is an empty list; bad says that it is something else.
func pairs(raw []byte) (udfs []member, bad bool) {
	if string(raw) == "null" {
		return nil, false
	}
	if raw[0] != '[' {
		return nil, true
	}
	for one := range elements(raw) {
		pair := member{}
		if one[0] == '{' {
			pair = readPair(one)
		}
		if pair.name == "" || len(udfs) == maxMembers {
			return nil, true
		}
		udfs = append(udfs, pair)
	}
	return udfs, false
}

func readPair(object []byte) (pair member) {
	for name, raw := range members(object) {
		switch {
		case strings.EqualFold(name, "name"):
			pair.name, _ = scalar(raw).(string)
		case strings.EqualFold(name, "value"):
			pair.value = scalar(raw)
		}
	}
	return pair
}

// ID returns the id that the body names; ok is false where it names none or one that is no whole number.
func (d Draft) ID() (id int64, ok bool) {
	v, _ := record.ParseValue(registry.Int64, d.id())
	id, ok = v.(int64)
	return id, ok
}

// id returns the id as it was sent, nil where it was not.
func (d Draft) id() any {
	var id any
	for _, m := range d.members {
		if strings.EqualFold(m.name, "id") {
			id = m.value
		}
	}
	return id
}
