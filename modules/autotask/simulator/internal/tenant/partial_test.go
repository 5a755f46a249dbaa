package tenant_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
)

// An entity whose fields are partly known may have any field of which nobody knows: it is null in every record.
func TestS23UnknownFieldsOfPartialEntities(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	every := k.ids("ContactGroups", all)
	require.NotEmpty(t, every)
	tests := map[string]struct {
		op   string
		want []int64
	}{
		"notExist":   {`"op":"notExist"`, every},
		"exist":      {`"op":"exist"`, []int64{}},
		"eq":         {`"op":"eq","value":1`, []int64{}},
		"noteq":      {`"op":"noteq","value":1`, []int64{}},
		"gte":        {`"op":"gte","value":"2024-01-15"`, []int64{}},
		"in":         {`"op":"in","value":[1,"a"]`, []int64{}},
		"notIn":      {`"op":"notIn","value":[1]`, []int64{}},
		"beginsWith": {`"op":"beginsWith","value":"a"`, []int64{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			a := k.post("ContactGroups/query", `{"filter":[{"field":"nobodyKnows2",`+tt.op+`}]}`)
			require.Empty(t, a.Misuse)
			require.Equal(t, tt.want, decode[page](t, a).ids())
			count := decode[map[string]int](t, k.post("ContactGroups/query/count", `{"filter":[{"field":"nobodyKnows2",`+tt.op+`}]}`))
			require.Equal(t, len(tt.want), count["queryCount"])
		})
	}
}

func TestS23UnknownFieldsThatNobodyCanHave(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	for _, name := range []string{"", "1st", "a b", "é", strings.Repeat("x", 101)} {
		k.refused(k.post("ContactGroups/query", fmt.Sprintf(`{"filter":[{"op":"exist","field":%q}]}`, name)), "unknown_field",
			"Unable to find "+name+" in the ContactGroup Entity.")
	}
	k.refused(k.post("ContactGroups/query", `{"filter":[{"op":"exist","field":"a","udf":true}]}`), "unknown_field",
		"Unable to find a in the ContactGroup Entity.")
	k.refused(k.post("ContactGroups/query", `{"filter":[{"op":"in","field":"a","value":1}]}`), "bad_query",
		"Invalid query syntax. The operator 'in' needs a list of values.")
	k.refused(k.post("ContactGroups/query", `{"filter":[{"op":"in","field":"a","value":[`+strings.Repeat("1,", 500)+`1]}]}`),
		"too_many_or", "Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions.")
}

func TestS27IncludeUnknownFieldsOfPartialEntities(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	for _, item := range k.query("ContactGroups", `{"IncludeFields":["id","nobodyKnows"],"filter":[{"op":"exist","field":"id"}]}`).Items {
		require.Len(t, item, 1)
	}
	for _, item := range k.query("ContactGroups", `{"IncludeFields":["nobodyKnows"],"filter":[{"op":"exist","field":"id"}]}`).Items {
		require.Empty(t, item, "and not everything")
	}
}

func TestS27IncludeNothing(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	for _, names := range []string{`[""]`, `[null]`, `["id",""]`} {
		k.refused(k.post("Tickets/query", `{"IncludeFields":`+names+`,"filter":[{"op":"exist","field":"id"}]}`), "unknown_field",
			"Unable to find  in the Ticket Entity.")
	}
	for _, names := range []string{`[]`, `null`} {
		require.Len(t, k.query("Tickets", `{"IncludeFields":`+names+`,"filter":[{"op":"exist","field":"id"}]}`).Items[0], 73)
	}
}

func TestS21OfTwoFiltersTheLastCounts(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 9})
	twice := `{"filter":[{"op":"eq","field":"id","value":7001,"items":[]}],"Filter":[{"op":"exist","field":"id"}]}`
	require.Len(t, k.ids("Tickets", twice), 9)
	k.refused(k.post("Tickets/query", `{"filter":[{"op":"exist","field":"id"}],"FILTER":[{}]}`), "bad_query",
		"Invalid query syntax. The operator '' is unknown.")
	item := k.query("Tickets", `{"IncludeFields":["id","title"],"includefields":["id"],"filter":[{"op":"exist","field":"id"}]}`).Items[0]
	require.Len(t, item, 1)
}

func TestS23WhatIsNoQuery(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	for _, body := range []string{`[]`, `"x"`, `5`, `true`} {
		k.refused(k.post("Tickets/query", body), "bad_query", "Invalid query syntax. The query must be a JSON object.")
	}
	k.refused(k.post("Tickets/query", `{"IncludeFields":"id","filter":[]}`), "bad_query",
		"Invalid query syntax. The property 'IncludeFields' must not be of type string.")
}

func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	const mark = "\xef\xbb\xbf"
	k := newKit(t, tenant.Config{Tickets: 2})
	require.Len(t, k.ids("Tickets", mark+all), 2)
	k.created("Tickets", mark+ticket(""))
	k.refused(k.post("Tickets/query", mark), "no_query_model", "Value cannot be null. Parameter name: queryModel")
}

func TestS10IdsInPaths(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	require.NotNil(t, k.item("Tickets/7001"))
	require.Nil(t, k.item("Tickets/-1"))
	for _, id := range []string{"+7001", "7_001", "0x1", "7001.0", "--1", "-"} {
		require.Equal(t, http.StatusNotFound, k.get("Tickets/"+id).Status, id)
		require.Equal(t, http.StatusNotFound, k.get("Tickets/"+id+"/Notes").Status, id)
	}
	k.refused(k.do(http.MethodGet, "Tickets/7001", "", "ImpersonationResourceId", fmt.Sprintf("+%d", self)), "",
		"The value of header: ImpersonationResourceId does not reference an existing, active Resource.")
}

// A day is the day that is written, in whatever zone, in filters as in records.
func TestS21Days(t *testing.T) {
	t.Parallel()
	k := newKit(t, tenant.Config{Tickets: 1})
	id := k.created("TimeEntries", fmt.Sprintf(`{"resourceID":%d,"ticketID":7001,"dateWorked":"2031-01-15T23:30:00-05:00"}`, self))
	for _, value := range []string{"2031-01-15", "2031-01-15T23:30:00-05:00", "2031-01-15T01:00:00+10:00", "2031-01-15T12:00:00"} {
		require.Equal(t, []int64{id}, k.ids("TimeEntries", `{"filter":[{"op":"eq","field":"dateWorked","value":"`+value+`"}]}`), value)
	}
}
