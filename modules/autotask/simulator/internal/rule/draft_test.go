package rule_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/rule"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const cut = "unexpected end of JSON input"
	tests := map[string]struct {
		body, want string
	}{
		"object":            {`{"a":1,"b":[1,{"c":2}],"d":null}`, ""},
		"nothing in it":     {` {} `, ""},
		"empty":             {"", "it is empty"},
		"blank":             {" \r\n\t", "it is empty"},
		"null":              {"null", "it is empty"},
		"brackets in text":  {`{"a":["}]",{"b":"\"]}"}],"c":1}`, ""},
		"list":              {`[{"a":1}]`, "it is something else"},
		"string":            {`"a"`, "it is something else"},
		"number":            {`12`, "it is something else"},
		"word":              {`nonsense`, "invalid character 'o' in literal null (expecting 'u')"},
		"two objects":       {`{} {}`, "more follows after the JSON value"},
		"a bracket more":    {`{}}`, "more follows after the JSON value"},
		"garbage after":     {`{}x`, "more follows after the JSON value"},
		"cut off":           {`{`, cut},
		"cut in a name":     {`{"tit`, cut},
		"cut after a name":  {`{"title"`, cut},
		"cut in a value":    {`{"title":"Pri`, cut},
		"cut after a value": {`{"title":"Printer"`, cut},
		"no colon":          {`{"title" "Printer"}`, "invalid character '\"' after object key"},
		"no name":           {`{1:2}`, "invalid character '1' looking for beginning of object key string"},
		"comma at the end":  {`{"a":1,}`, "invalid character '}' looking for beginning of object key string"},
		"single quotes":     {`{'a':1}`, "invalid character '\\'' looking for beginning of object key string"},
		"leading zero":      {`{"a":01}`, "invalid character '1' after object key:value pair"},
		"deep":              {`{"a":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}`, ""},
		"too deep":          {`{"a":` + strings.Repeat("[", 10_001), "exceeded max depth"},
		"deep list":         {strings.Repeat("[", 100_000), "exceeded max depth"},
		"deep objects":      {strings.Repeat(`{"a":`, 100_000), "exceeded max depth"},
		"deep UDFs":         {`{"userDefinedFields":` + strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999) + `}`, ""},
		"10,000 members":    {`{` + strings.Repeat(`"a":0,`, 9_999) + `"a":0}`, ""},
		"10,001 members":    {`{` + strings.Repeat(`"a":0,`, 10_000) + `"a":0}`, "it has more than 10000 members"},
		"a long list":       {`{"a":[` + strings.Repeat("0,", 5_000_000) + `0]}`, ""},
		"a long text":       {`{"a":"` + strings.Repeat("x", 10_000_000) + `"}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := rule.Parse([]byte(tt.body))
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestDraftID(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		id   int64
		ok   bool
	}{
		"number":         {`{"id":7001}`, 7001, true},
		"zero":           {`{"id":0}`, 0, true},
		"below zero":     {`{"id":-1}`, -1, true},
		"text":           {`{"id":"7001"}`, 7001, true},
		"in capitals":    {`{"ID":7001}`, 7001, true},
		"the last one":   {`{"id":1,"Id":2}`, 2, true},
		"the last, none": {`{"id":1,"Id":null}`, 0, false},
		"none":           {`{}`, 0, false},
		"null":           {`{"id":null}`, 0, false},
		"fraction":       {`{"id":1.5}`, 0, false},
		"exponent":       {`{"id":1e3}`, 0, false},
		"65 bits":        {`{"id":9223372036854775808}`, 0, false},
		"word":           {`{"id":"one"}`, 0, false},
		"list":           {`{"id":[1]}`, 0, false},
		"behind much":    {`{ "a" : ["}]",{"b":"\"]}\\"},[[],{}]] , "c":"\\", "d":true,"e":-1.5e3 , "id" : 7 }`, 7, true},
		"with an escape": {`{"\u0069d":7}`, 7, true},
		"inside":         {`{"a":{"id":7}}`, 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, ok := parse(t, tt.body).ID()
			require.Equal(t, tt.id, id)
			require.Equal(t, tt.ok, ok)
		})
	}
}

// Whatever a body is, it is read, refused by a text, or written as valid JSON.
func FuzzParse(f *testing.F) {
	for _, body := range []string{
		``, `{}`, `null`, `[`, `{"a":`, `{"id":7}`, ticket(""), ticket(`,"externalID":"😀","description":"\ud800"`),
		ticket(`,"userDefinedFields":[{"name":"x","value":1}]`), ticket(`,"userDefinedFields":{}`), "{\"title\":\"\xff\"}",
		ticket(`,"estimatedHours":1e999,"queueID":"5","dueDateTime":"2024-01-15T10:00:00Z"`), `{"udfType":8,"dataType":1,"name":"n"}`,
		`{"companyID":0,"note":{"a":[1]},"x":1.5,"yID":3,"z":true}`,
	} {
		f.Add([]byte(body))
	}
	k := newKit(f)
	start := k.store.Snapshot()
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := rule.Parse(body)
		var object map[string]json.RawMessage
		if valid := json.Unmarshal(body, &object) == nil && object != nil; len(object) < 1_000 {
			require.Equal(t, valid, err == nil, "as encoding/json has it: %v", err)
		}
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		k.store.Restore(start)
		for _, entity := range []string{"Tickets", "CompanyAlerts", "Roles", "UserDefinedFieldDefinitions"} {
			table, _ := k.store.Table(entity)
			k.store.Update(func(tx *record.Tx) {
				old, _ := tx.Find(table, 1)
				for _, out := range []rule.Outcome{
					rule.Create(tx, table, d, nil, writer()),
					rule.Update(tx, table, old, d, nil, false, writer()),
					rule.Update(tx, table, old, d, nil, true, writer()),
				} {
					if len(out.Problems) > 0 {
						continue
					}
					id := tx.Insert(table, out.Values)
					row, _ := tx.Find(table, id)
					require.True(t, json.Valid(table.AppendRow(nil, row, nil)))
				}
			})
		}
	})
}

func TestEveryEntityIsReadable(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for _, e := range registry.Entities() {
		require.NotNil(t, k.item(e.Name, 1), e.Name)
	}
}
