package rule_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/rule"
)

const definitions = "UserDefinedFieldDefinitions"

// Values of the lists of a definition.
const (
	ofContract, ofTicket     = 11, 8
	asText, asNumber, asDate = 1, 3, 4
	asList, asMultiList      = 5, 6
)

func definition(name string, kind, dataType int, more string) string {
	return fmt.Sprintf(`{"name":%q,"udfType":%d,"dataType":%d%s}`, name, kind, dataType, more)
}

func udfs(pairs string) string { return ticket(`,"userDefinedFields":[` + pairs + `]`) }

// values returns the user-defined fields of a record by name.
func (k kit) values(entity string, id int64) map[string]any {
	k.t.Helper()
	list, _ := k.item(entity, id)["userDefinedFields"].([]any)
	values := map[string]any{}
	for _, one := range list {
		pair, _ := one.(map[string]any)
		name, _ := pair["name"].(string)
		values[name] = pair["value"]
	}
	return values
}

func TestS18Values(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.created(definitions, definition("Plan", ofTicket, asText, ""))
	k.created(definitions, definition("Seats", ofTicket, asNumber, ""))
	k.created(definitions, definition("Since", ofTicket, asDate, ""))
	k.store.Update(func(tx *record.Tx) {
		tx.AddColumn(k.table("Tickets"), record.Column{Field: registry.Field{Name: "VIP", Type: registry.Boolean}, UDF: true})
	})
	id := k.created("Tickets", udfs(`{"name":"plan","value":"Gold"},{"Name":"Seats","Value":"2.5"},
		{"name":"Since","value":"2024-01-15"},{"name":"VIP","value":"True"}`))
	require.Equal(t, map[string]any{"Plan": "Gold", "Seats": "2.5", "Since": "2024-01-15T00:00:00.000", "VIP": "true"},
		k.values("Tickets", id))

	require.Empty(t, k.patch("Tickets", id, `{"userDefinedFields":[{"name":"Seats","value":3},{"name":"VIP","value":false}]}`))
	require.Equal(t, map[string]any{"Plan": "Gold", "Seats": "3", "Since": "2024-01-15T00:00:00.000", "VIP": "false"},
		k.values("Tickets", id), "what is not given stays")
	require.Empty(t, k.put("Tickets", id, udfs(`{"name":"Plan","value":"Silver"},{"name":"PLAN","value":null},{"name":"Since","value":""}`)))
	require.Equal(t, map[string]any{"Plan": nil, "Seats": "3", "Since": nil, "VIP": "false"}, k.values("Tickets", id))
	require.Empty(t, k.put("Tickets", id, ticket("")))
	require.Equal(t, "3", k.values("Tickets", id)["Seats"], "PUT leaves alone what it does not name")
	require.Empty(t, k.patch("Tickets", id, `{"userDefinedFields":null}`))
	require.Empty(t, k.patch("Tickets", id, `{"userDefinedFields":[]}`))
	require.Empty(t, k.patch("Tickets", id, `{"userDefinedFields":[{"name":"Plan","value":""}]}`))
	require.Empty(t, k.values("Tickets", id)["Plan"])
	require.NotNil(t, k.values("Tickets", id)["Plan"])
}

func TestS18Texts(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.created(definitions, definition("Seats", ofTicket, asNumber, ""))
	k.store.Update(func(tx *record.Tx) {
		tx.AddColumn(k.table("Tickets"), record.Column{Field: registry.Field{Name: "VIP", Type: registry.Boolean}, UDF: true})
	})
	const noList = "The value of field: userDefinedFields is not a valid list of names and values."
	tests := map[string]struct {
		body string
		want []string
	}{
		"unknown":        {udfs(`{"name":"Rooms","value":1}`), []string{"Unable to find the user-defined field Rooms in the Ticket Entity."}},
		"a plain field":  {udfs(`{"name":"title","value":"x"}`), []string{"Unable to find the user-defined field title in the Ticket Entity."}},
		"no number":      {udfs(`{"name":"Seats","value":"many"}`), []string{"The value of field: Seats is not a valid double."}},
		"no boolean":     {udfs(`{"name":"VIP","value":"1"}`), []string{"The value of field: VIP is not a valid boolean."}},
		"list as value":  {udfs(`{"name":"Seats","value":[1]}`), []string{"The value of field: Seats is not a valid double."}},
		"the last":       {udfs(`{"name":"Seats","value":"many"},{"name":"seats","value":1}`), nil},
		"no list":        {ticket(`,"userDefinedFields":{"name":"Seats","value":1}`), []string{noList}},
		"text":           {ticket(`,"userDefinedFields":"Seats"`), []string{noList}},
		"no objects":     {udfs(`1,2`), []string{noList}},
		"no name":        {udfs(`{"value":1}`), []string{noList}},
		"number as name": {udfs(`{"name":1,"value":1}`), []string{noList}},
		"the last list":  {ticket(`,"userDefinedFields":1,"UserDefinedFields":[]`), nil},
		"UDF as a property": {
			ticket(`,"Seats":"many"`), nil,
		},
		"after the fields": {
			udfs(`{"name":"Rooms","value":1}],"queueID":1,"x":[`),
			[]string{"Value does not reference an existing entity for queueID . ", "Unable to find the user-defined field Rooms in the Ticket Entity."},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, k.in(t).refused("Tickets", tt.body))
		})
	}
	require.Equal(t, []string{"Unable to find the user-defined field a in the TicketNote Entity."},
		k.refused("TicketNotes", note+`,"ticketID":1,"userDefinedFields":[{"name":"a","value":1}]}`), "an entity without any")
}

func TestS18Definitions(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id := k.created(definitions, definition("Plan", ofTicket, asText, ""))
	require.Equal(t, true, k.item(definitions, id)["isActive"])
	require.Equal(t, []string{"The user-defined field plan exists already in the Ticket Entity."},
		k.refused(definitions, definition("plan", ofTicket, asDate, "")))
	require.Empty(t, k.refused(definitions, definition("Plan", ofContract, asText, "")), "another entity's")
	require.Equal(t, []string{"Value does not reference an existing entity for udfType . "},
		k.refused(definitions, definition("x", 999, asText, "")))
	require.Equal(t, []string{
		"Value does not reference an existing entity for dataType . ", "Missing Required Field: name.",
		"Value does not reference an existing entity for udfType . ",
	}, k.refused(definitions, `{}`))

	require.Empty(t, k.patch(definitions, id, `{"description":"which plan","udfType":8,"name":"Plan"}`))
	require.Equal(t, []string{
		"The value of field: dataType cannot be changed.", "The value of field: name cannot be changed.",
		"The value of field: udfType cannot be changed.",
	}, k.patch(definitions, id, `{"udfType":1,"dataType":3,"name":"Tariff"}`))
}

func TestS18RequiredField(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	old := k.created("Tickets", ticket(""))
	k.created(definitions, definition("Plan", ofTicket, asText, `,"isRequired":true`))
	require.Equal(t, []string{"Missing Required Field: Plan."}, k.refused("Tickets", ticket("")))
	require.Empty(t, k.refused("Tickets", udfs(`{"name":"Plan","value":"Gold"}`)))
	require.Empty(t, k.patch("Tickets", old, `{"title":"x"}`), "it was there before")
	require.Equal(t, []string{"Missing Required Field: Plan."}, k.patch("Tickets", old, `{"userDefinedFields":[{"name":"Plan","value":null}]}`))
}

func TestS18Limit(t *testing.T) {
	t.Parallel()
	const full = "The limit of 50 active user-defined fields of the Contract Entity is reached."
	k := newKit(t)
	for i := range 49 {
		k.created(definitions, definition(fmt.Sprintf("F%d", i), ofContract, asText, ""))
	}
	off := k.created(definitions, definition("Off", ofContract, asText, `,"isActive":false`))
	last := k.created(definitions, definition("Last", ofContract, asText, ""))
	require.Equal(t, []string{full}, k.refused(definitions, definition("More", ofContract, asText, "")))
	require.Empty(t, k.refused(definitions, definition("Idle", ofContract, asText, `,"isActive":false`)), "only active ones count")
	require.Empty(t, k.refused(definitions, definition("More", ofTicket, asText, "")), "of another entity")
	require.Equal(t, []string{full}, k.patch(definitions, off, `{"isActive":true}`))
	require.Empty(t, k.patch(definitions, last, `{"description":"x","isActive":true}`), "it is one of them")
	require.Empty(t, k.patch(definitions, last, `{"isActive":false}`))
	require.Empty(t, k.patch(definitions, off, `{"isActive":true}`))
}

func TestS18LongNames(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	long := func(letter string, n int) []string {
		return k.refused(definitions, definition(strings.Repeat(letter, n), ofTicket, asText, ""))
	}
	require.Empty(t, long("n", 45))
	require.Equal(t, []string{"The value of field: name exceeds the maximum length of 45 characters."}, long("n", 46))
	require.Empty(t, long("語", 33))
	require.Equal(t, []string{"The value of field: name exceeds the maximum length of 100 characters."}, long("語", 34), "in bytes")
}

// An entity that has learnt as many columns as it can hold, takes no definition either.
func TestS18NoRoom(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.store.Update(func(tx *record.Tx) {
		for i := range 500 {
			_, ok := tx.AddColumn(k.table("Contracts"), record.Column{
				Field: registry.Field{Name: fmt.Sprintf("x%d", i), Type: registry.String}, UDF: true,
			})
			require.True(t, ok)
		}
	})
	require.Equal(t, []string{"The limit of 50 active user-defined fields of the Contract Entity is reached."},
		k.refused(definitions, definition("More", ofContract, asText, "")))
}

// Every entity that takes user-defined fields can be named by a definition.
func TestS18EveryEntity(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	e, _ := registry.Find(definitions)
	kinds, _ := e.Field("udfType")
	for _, p := range kinds.Picks {
		k.created(definitions, fmt.Sprintf(`{"name":"Everywhere","udfType":%s,"dataType":1}`, p.Value))
	}
	for _, e := range registry.Entities() {
		_, ok := k.table(e.Name).UDF("everywhere")
		require.Equal(t, e.UDFs > 0, ok, e.Name)
	}
}

// listItem adds an item to the list of a definition.
func (k kit) listItem(definition int64, text string) int64 {
	k.t.Helper()
	id, out := k.post("UserDefinedFieldListItems", fmt.Sprintf(`{"valueForDisplay":%q}`, text), &definition, writer())
	require.Empty(k.t, out.Problems)
	return id
}

func TestS18Lists(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	const refusal = "Value does not reference an existing entity for Plan . "
	list := k.created(definitions, definition("Plan", ofTicket, asList, ""))
	set := func(value string) []string {
		return k.refused("Tickets", udfs(fmt.Sprintf(`{"name":"Plan","value":%q}`, value)))
	}
	require.Equal(t, []string{refusal}, set("Gold"), "the list is empty")
	require.Empty(t, set(""), "nothing is chosen")
	gold, silver := k.listItem(list, "Gold"), k.listItem(list, "Silver")
	require.Empty(t, set("Gold"))
	require.Empty(t, set("Silver"))
	require.Equal(t, []string{refusal}, set("Tin"))

	k.store.Update(func(tx *record.Tx) {
		items := k.table("UserDefinedFieldListItems")
		row, _ := tx.Find(items, gold)
		require.True(t, tx.Remove(items, gold))
		rule.Written(tx, items, row.Values(items), writer())
	})
	require.Equal(t, []string{refusal}, set("Gold"), "its item was deleted")
	require.Empty(t, k.patch("UserDefinedFieldListItems", silver, `{"isActive":false}`))
	require.Equal(t, []string{refusal}, set("Silver"), "its item is not active")
	require.Empty(t, k.patch("UserDefinedFieldListItems", silver, `{"isActive":true,"valueForDisplay":"Sterling"}`))
	require.Empty(t, set("Sterling"))
	require.Equal(t, []string{refusal}, set("Silver"))
}

func TestS18ListsOfSeveralValues(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	list := k.created(definitions, definition("Plan", ofTicket, asMultiList, ""))
	k.listItem(list, "Gold")
	k.listItem(list, "Silver")
	require.Empty(t, k.refused("Tickets", udfs(`{"name":"Plan","value":"Silver,Gold"}`)))
	require.Equal(t, []string{"Value does not reference an existing entity for Plan . "},
		k.refused("Tickets", udfs(`{"name":"Plan","value":"Silver,Tin"}`)))
	ord, _ := k.table("Tickets").UDF("Plan")
	require.False(t, k.table("Tickets").Columns()[ord].Queryable())
}

func TestS18ChangedDefinitions(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	def := k.created(definitions, definition("Plan", ofTicket, asText, ""))
	id := k.created("Tickets", udfs(`{"name":"Plan","value":"Gold"}`))
	require.Empty(t, k.patch(definitions, def, `{"isRequired":true,"description":"which plan"}`))
	require.Equal(t, []string{"Missing Required Field: Plan."}, k.refused("Tickets", ticket("")))
	ord, _ := k.table("Tickets").UDF("Plan")
	require.Equal(t, "which plan", k.table("Tickets").Columns()[ord].Description)

	require.Empty(t, k.patch(definitions, def, `{"isActive":false}`))
	require.Empty(t, k.values("Tickets", id), "it is hidden")
	require.Empty(t, k.refused("Tickets", ticket("")), "and no record needs it")
	require.Equal(t, []string{"Unable to find the user-defined field Plan in the Ticket Entity."},
		k.refused("Tickets", udfs(`{"name":"Plan","value":"Tin"}`)))
	require.Equal(t, []string{"The user-defined field PLAN exists already in the Ticket Entity."},
		k.refused(definitions, definition("PLAN", ofTicket, asText, "")))
	require.Empty(t, k.patch("Tickets", id, `{"title":"x"}`))

	require.Empty(t, k.patch(definitions, def, `{"isActive":true}`))
	require.Equal(t, map[string]any{"Plan": "Gold"}, k.values("Tickets", id), "the value was kept")
	require.Equal(t, []string{"Missing Required Field: Plan."}, k.refused("Tickets", ticket("")))
}

func TestS18ADefinitionMayBeginInactive(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.created(definitions, definition("Plan", ofTicket, asText, `,"isActive":false,"isRequired":true`))
	_, ok := k.table("Tickets").UDF("Plan")
	require.False(t, ok)
	require.Empty(t, k.refused("Tickets", ticket("")))
}
