package query_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
)

func TestBody(t *testing.T) {
	t.Parallel()
	all := `"filter":[{"op":"gte","field":"id","value":0}]`
	at := time.Date(2024, 5, 17, 11, 30, 0, 0, time.FixedZone("", 2*3600))
	tests := map[string]struct {
		query query.Query
		want  string
	}{
		"zero value":    {query.Query{}, `{` + all + `}`},
		"everything":    {query.New(), `{` + all + `}`},
		"page of one":   {query.New().Limit(1), `{"MaxRecords":1,` + all + `}`},
		"page of 500":   {query.New().Limit(500), `{"MaxRecords":500,` + all + `}`},
		"fields get id": {query.New().Fields("title"), `{"IncludeFields":["id","title"],` + all + `}`},
		"id is there":   {query.New().Fields("title", "ID"), `{"IncludeFields":["title","ID"],` + all + `}`},
		"leaves": {
			query.New().Where(
				query.Eq("a", 0), query.NotEq("a", false), query.Gt("a", 1.5), query.Gte("a", "x"), query.Lt("a", int64(2)),
				query.Lte("a", at), query.BeginsWith("a", "b"), query.EndsWith("a", "c"), query.Contains("a", ""),
				query.Exist("a"), query.NotExist("a"), query.In("a", 1, 2), query.NotIn("a", "x"),
			),
			`{"filter":[{"op":"eq","field":"a","value":0},{"op":"noteq","field":"a","value":false},` +
				`{"op":"gt","field":"a","value":1.5},{"op":"gte","field":"a","value":"x"},{"op":"lt","field":"a","value":2},` +
				`{"op":"lte","field":"a","value":"2024-05-17T09:30:00.000Z"},{"op":"beginsWith","field":"a","value":"b"},` +
				`{"op":"endsWith","field":"a","value":"c"},{"op":"contains","field":"a","value":""},` +
				`{"op":"exist","field":"a"},{"op":"notExist","field":"a"},{"op":"in","field":"a","value":[1,2]},` +
				`{"op":"notIn","field":"a","value":["x"]}]}`,
		},
		"groups": {
			query.New().Where(query.Or(query.Eq("a", 1), query.And(query.Eq("b", 2), query.Exist("c")))),
			`{"filter":[{"op":"or","items":[{"op":"eq","field":"a","value":1},` +
				`{"op":"and","items":[{"op":"eq","field":"b","value":2},{"op":"exist","field":"c"}]}]}]}`,
		},
		"udf": {
			query.New().Where(query.Eq("Site", "x").UDF()),
			`{"filter":[{"op":"eq","field":"Site","value":"x","udf":true}]}`,
		},
		"a field of a record": {
			query.New().Where(query.Eq("companyID", entities.Some[int64](0))),
			`{"filter":[{"op":"eq","field":"companyID","value":0}]}`,
		},
		"for a count": {
			query.New().Where(query.Exist("a")).Limit(3).Fields("a").Matching(),
			`{"filter":[{"op":"exist","field":"a"}]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := json.Marshal(test.query)
			require.NoError(t, err)
			require.JSONEq(t, test.want, string(body))
			require.Equal(t, test.want, string(body), "the order of the keys is fixed")
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	numbers := make([]int, 501)
	var unset entities.Optional[int64]
	tests := map[string]struct {
		query query.Query
		want  string
	}{
		"limit 0":          {query.New().Limit(0), "page size 0 is not between 1 and 500"},
		"limit 501":        {query.New().Limit(501), "page size 501 is not between 1 and 500"},
		"empty field name": {query.New().Fields("a", ""), "the list of fields holds an empty name"},
		"zero filter":      {query.New().Where(query.Filter{}), "an empty filter, build filters with Eq, And and the like"},
		"no field":         {query.New().Where(query.Eq("", 1)), `a "eq" condition without a field`},
		"nil":              {query.New().Where(query.Eq("a", nil)), "condition eq on a: nil is no value, use Exist or NotExist"},
		"unset":            {query.New().Where(query.Eq("a", unset)), "condition eq on a: nil is no value, use Exist or NotExist"},
		"nil in a list":    {query.New().Where(query.In("a", any(1), nil)), "condition in on a: nil is no value, use Exist or NotExist"},
		"a list":           {query.New().Where(query.Eq("a", []int{1})), "condition eq on a: a []int is no value for a condition"},
		"a struct":         {query.New().Where(query.Eq("a", struct{}{})), "condition eq on a: a struct {} is no value for a condition"},
		"a function":       {query.New().Where(query.Eq("a", func() {})), "condition eq on a: json: unsupported type: func()"},
		"empty list":       {query.New().Where(query.In[int]("a")), "condition in on a has an empty list"},
		"empty group":      {query.New().Where(query.And(query.Or())), `an empty "or" group`},
		"501 in a list":    {query.New().Where(query.In("a", numbers...)), "501 OR conditions, Autotask takes at most 500: split the list and merge the answers"},
		"501 together": {
			query.New().Where(query.Or(query.Eq("a", 1), query.NotIn("a", numbers[:499]...))),
			"501 OR conditions, Autotask takes at most 500: split the list and merge the answers",
		},
		"two user-defined fields": {
			query.New().Where(query.Or(query.Eq("a", 1).UDF(), query.Exist("b").UDF())),
			"2 conditions on user-defined fields, Autotask takes one",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.query.Validate()
			require.ErrorIs(t, err, query.ErrInvalid)
			require.EqualError(t, err, "invalid query: "+test.want)
			_, err = json.Marshal(test.query)
			require.ErrorIs(t, err, query.ErrInvalid)
		})
	}
	require.NoError(t, query.New().Where(query.In("a", numbers[:500]...)).Validate())
}

func TestValidateReportsEverything(t *testing.T) {
	t.Parallel()
	err := query.New().Limit(-1).Fields("").Where(query.Or()).Validate()
	require.Equal(t, 3, strings.Count(err.Error(), "invalid query"))
}

func TestInvalidIsTheCallersFault(t *testing.T) {
	t.Parallel()
	var coded interface {
		StatusCode() int
		PublicDetail() string
	}
	require.ErrorAs(t, query.New().Limit(501).Validate(), &coded)
	require.Equal(t, 422, coded.StatusCode())
	require.Equal(t, "The query is invalid: page size 501 is not between 1 and 500.", coded.PublicDetail())
}

// A query is a value: refining one leaves the other alone.
func TestQueryIsAValue(t *testing.T) {
	t.Parallel()
	all := query.New().Where(query.Exist("1")).Where(query.Exist("2")).Where(query.Exist("3")) // a slice with room
	kept := all.Where(query.Exist("b"))
	require.NotEqual(t, all.Where(query.Exist("c")), kept)
	body, err := json.Marshal(kept)
	require.NoError(t, err)
	require.Contains(t, string(body), `"field":"b"`)
	base := query.New().Where(query.Exist("a")).Fields("x").Limit(1)
	one := base.Where(query.Exist("b")).Fields("y").Limit(2)
	two := base.Where(query.Exist("c")).Fields("z")
	for want, q := range map[string]query.Query{
		`{"MaxRecords":1,"IncludeFields":["id","x"],"filter":[{"op":"exist","field":"a"}]}`:                                base,
		`{"MaxRecords":2,"IncludeFields":["id","x","y"],"filter":[{"op":"exist","field":"a"},{"op":"exist","field":"b"}]}`: one,
		`{"MaxRecords":1,"IncludeFields":["id","x","z"],"filter":[{"op":"exist","field":"a"},{"op":"exist","field":"c"}]}`: two,
	} {
		body, err := json.Marshal(q)
		require.NoError(t, err)
		require.Equal(t, want, string(body))
	}
}

// Whatever is put in, the body is JSON with a filter that is not empty, or an error that says what is wrong.
func FuzzQuery(f *testing.F) {
	f.Add("title", "a\"b\u2028<", int64(5), 100, true)
	f.Add("", "\xff", int64(-1), 0, false)
	f.Fuzz(func(t *testing.T, field, text string, number int64, limit int, group bool) {
		filter := query.Or(query.Eq(field, text), query.In(field, number, number+1))
		if !group {
			filter = query.Contains(field, text).UDF()
		}
		body, err := json.Marshal(query.New().Where(filter).Limit(limit).Fields(field))
		if err != nil {
			require.ErrorIs(t, err, query.ErrInvalid)
			return
		}
		var sent struct {
			MaxRecords    int              `json:"MaxRecords"`
			IncludeFields []string         `json:"IncludeFields"`
			Filter        []map[string]any `json:"filter"`
		}
		require.NoError(t, json.Unmarshal(body, &sent))
		require.Equal(t, limit, sent.MaxRecords)
		require.Len(t, sent.Filter, 1)
	})
}

func BenchmarkMarshal(b *testing.B) {
	q := query.New().Where(query.Eq("status", 1), query.Gt("id", 17)).Limit(500)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(q); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleNew() {
	q := query.New().
		Where(query.Eq("companyID", 29), query.Or(query.Eq("status", 1), query.Gt("priority", 2))).
		Fields("title", "status").
		Limit(100)
	body, err := json.MarshalIndent(q, "", "  ")
	fmt.Println(string(body), err)
	// Output:
	// {
	//   "MaxRecords": 100,
	//   "IncludeFields": [
	//     "id",
	//     "title",
	//     "status"
	//   ],
	//   "filter": [
	//     {
	//       "op": "eq",
	//       "field": "companyID",
	//       "value": 29
	//     },
	//     {
	//       "op": "or",
	//       "items": [
	//         {
	//           "op": "eq",
	//           "field": "status",
	//           "value": 1
	//         },
	//         {
	//           "op": "gt",
	//           "field": "priority",
	//           "value": 2
	//         }
	//       ]
	//     }
	//   ]
	// } <nil>
}
