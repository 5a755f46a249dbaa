package hook_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
)

func ExampleEscape() {
	fmt.Printf("%s\n", hook.Escape([]byte(`{"title":"Jürgen's \"R&D\" <1+1>"}`)))
	// Output: {"title":"J\u00FCrgen\u0027s \u0022R\u0026D\u0022 \u003C1\u002B1\u003E"}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"empty":                       {``, ``},
		"plain":                       {`{"a":"b c","d":[1,true,null]}`, `{"a":"b c","d":[1,true,null]}`},
		"ampersand":                   {`"a&b"`, `"a\u0026b"`},
		"less and more":               {`"<a>"`, `"\u003Ca\u003E"`},
		"apostrophe":                  {`"it's"`, `"it\u0027s"`},
		"back quote":                  {"\"`a`\"", `"\u0060a\u0060"`},
		"plus":                        {`"1+1"`, `"1\u002B1"`},
		"escaped quote":               {`"a\"b"`, `"a\u0022b"`},
		"backslash":                   {`"a\\b"`, `"a\\b"`},
		"backslash before the end":    {`"a\\","b&"`, `"a\\","b\u0026"`},
		"backslash and quote":         {`"a\\\"b"`, `"a\\\u0022b"`},
		"other escapes stay":          {`"\n\r\t\b\f\/"`, `"\n\r\t\b\f\/"`},
		"escaped unit stays":          {`"\u00e9\u0026"`, `"\u00e9\u0026"`},
		"letter":                      {`"é"`, `"\u00E9"`},
		"first beyond ASCII":          {"\"\u0080\"", `"\u0080"`},
		"delete is ASCII":             {"\"\u007f\"", "\"\u007f\""},
		"euro":                        {`"€"`, `"\u20AC"`},
		"last of the basic plane":     {"\"\uffff\"", `"\uFFFF"`},
		"surrogates":                  {`"😀"`, `"\uD83D\uDE00"`},
		"highest":                     {"\"\U0010ffff\"", `"\uDBFF\uDFFF"`},
		"no text":                     {"\"\xff\xc3\"", `"\uFFFD\uFFFD"`},
		"between strings":             {`{"a":1e+5,"b":"+"}`, `{"a":1e+5,"b":"\u002B"}`},
		"names of members":            {`{"a&b":1}`, `{"a\u0026b":1}`},
		"no JSON: open string":        {`"a&`, `"a\u0026`},
		"no JSON: backslash at end":   {`"a\`, `"a\`},
		"no JSON: escape of a letter": {`"\é"`, `"\\u00E9"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, string(hook.Escape([]byte(tt.in))))
		})
	}
}

func FuzzEscape(f *testing.F) {
	f.Add([]byte(`{"a":"\"\\&<>'+é😀\u00e9"}`))
	f.Add([]byte(`"\\"`))
	f.Add([]byte("\"`\xff\""))
	f.Fuzz(func(t *testing.T, body []byte) {
		escaped := hook.Escape(body)
		if !json.Valid(body) {
			return
		}
		require.True(t, json.Valid(escaped), "%q", escaped)
		var want, got any
		if json.Unmarshal(body, &want) != nil { // a number that is too large
			return
		}
		require.NoError(t, json.Unmarshal(escaped, &got))
		require.Equal(t, want, got)
		require.Equal(t, escaped, hook.Escape(escaped))
		for _, c := range escaped {
			require.Less(t, c, byte(0x80))
		}
	})
}
