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

func TestS17UnknownProperties(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id, out := k.post("Tickets", ticket(`,"nonsense":{"a":[1]},"more":1`), nil, writer())
	require.Empty(t, out.Problems)
	require.Equal(t, "nonsense", out.Unknown)
	require.NotContains(t, k.item("Tickets", id), "more")
	require.Equal(t, "nonsense", k.write("Tickets", id, `{"nonsense":1}`, nil, false, writer()).Unknown)
	require.Equal(t, "nonsense", k.write("Tickets", id, `{"nonsense":1,"title":""}`, nil, false, writer()).Unknown)
	require.Empty(t, k.write("Tickets", id, `{"title":"x"}`, nil, false, writer()).Unknown)
}

func TestS17PartialEntitiesLearn(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id, out := k.post(unknown(), `{"name":"Call","view":1,"ownerID":7,"price":1.5,"isActive":true,"nothing":null,"list":[1],"object":{}}`, nil, writer())
	require.Empty(t, out.Problems)
	require.Empty(t, out.Unknown)
	require.Equal(t, map[string]any{
		"id": float64(id), "name": "Call", "view": 1.0, "ownerID": 7.0, "price": 1.5, "isActive": true,
	}, k.item(unknown(), id))
	types := map[string]registry.Type{}
	for _, col := range k.table(unknown()).Columns() {
		types[col.Name] = col.Type
		require.Equal(t, col.Name != "id", col.Learnt, col.Name)
	}
	require.Equal(t, map[string]registry.Type{
		"id": registry.Int64, "name": registry.String, "view": registry.Double, "ownerID": registry.Int64,
		"price": registry.Double, "isActive": registry.Boolean,
	}, types)

	require.Empty(t, k.patch(unknown(), id, `{"NAME":"Visit","view":1.25,"added":"x"}`))
	got := k.item(unknown(), id)
	require.Equal(t, "Visit", got["name"])
	require.InDelta(t, 1.25, got["view"], 0)
	require.Equal(t, "x", got["added"])
	require.Equal(t, []string{"The value of field: isActive is not a valid boolean."}, k.patch(unknown(), id, `{"isActive":2}`))
	require.Empty(t, k.put(unknown(), id, `{"name":"Letter"}`))
	require.Nil(t, k.item(unknown(), id)["added"])
	second := k.created(unknown(), `{"name":"Mail"}`)
	require.Nil(t, k.item(unknown(), second)["isActive"], "nothing is made up about a learnt column")
}

func TestS17ARefusedWriteTeachesNothing(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for _, e := range registry.Entities() {
		if e.Partial && e.Parent != "" {
			_, out := k.post(e.Name, `{"price":1}`, new(int64(987)), writer())
			require.NotEmpty(t, out.Problems, e.Name)
			require.Len(t, k.table(e.Name).Columns(), len(e.Fields), e.Name)
		}
	}
}

func TestS17MomentsAreLearnt(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id := k.created(unknown(), `{"at":"2024-01-15T09:00:00Z","zoned":"2024-01-15T09:00+02:00","day":"2024-01-15","text":"2024-01-15Tea at 5 pm"}`)
	got := k.item(unknown(), id)
	require.Equal(t, map[string]any{
		"id": float64(id), "at": "2024-01-15T09:00:00.000", "zoned": "2024-01-15T07:00:00.000",
		"day": "2024-01-15", "text": "2024-01-15Tea at 5 pm",
	}, got)
	require.Equal(t, []string{"The value of field: at is not a valid datetime."}, k.patch(unknown(), id, `{"at":"later"}`))
}

// What comes after the rules may refuse a write too, so that only Settle takes a number and teaches a column.
func TestS17OnlyAWrittenRecordTeaches(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.store.Update(func(tx *record.Tx) {
		table := k.table(unknown())
		before := len(table.Columns())
		out := rule.Create(tx, table, parse(t, `{"added":"x"}`), nil, writer())
		require.Len(t, table.Columns(), before)
		require.NotContains(t, out.Values, "x")
		out.Settle()
		require.Len(t, table.Columns(), before+1)
		require.Contains(t, out.Values, "x")
		refused := rule.Create(tx, k.table("Tickets"), parse(t, `{}`), nil, writer())
		refused.Settle()
		require.Nil(t, refused.Values)
	})
}

func TestS17NamesThatAreNone(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	names := []string{"", " ", "1st", "a b", "a\\\"b", "é", "a_b", strings.Repeat("x", 101), "userDefinedFields"}
	for _, name := range names {
		id, out := k.post(unknown(), fmt.Sprintf(`{"%s":null,"Ok":1,"%s":1}`, name, strings.ToLower(name)), nil, writer())
		if name != "userDefinedFields" {
			require.Empty(t, out.Problems, name)
			require.Len(t, k.item(unknown(), id), 2, name)
		}
	}
}

func TestS17ColumnsAreBounded(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	body := `{"a":0`
	for i := range 2_000 {
		body += fmt.Sprintf(`,"x%d":%d`, i, i)
	}
	k.created(unknown(), body+"}")
	require.Len(t, k.table(unknown()).Columns(), 501)
	k.created(unknown(), `{"late":1}`)
	require.Len(t, k.table(unknown()).Columns(), 501)
}

func TestS17TwoTypesAtOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id := k.created(unknown(), `{"a":1,"A":"x","b":"x","B":7}`)
	got := k.item(unknown(), id)
	require.InDelta(t, 1, got["a"], 0)
	require.Equal(t, "7", got["b"])
}
