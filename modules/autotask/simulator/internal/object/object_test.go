package object_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/object"
)

// person is what the tests read.
type person struct {
	Name string `json:"name,omitempty"`
	Age  int    `json:"age"`
}

func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want person
		err  string
	}{
		"all":         {` {"age":7,"name":"x"} `, person{"x", 7}, ""},
		"some":        {`{"age":7}`, person{"", 7}, ""},
		"null member": {`{"age":null}`, person{}, ""},
		"empty":       {`{}`, person{}, ""},
		"nothing":     {" \n", person{}, "nothing is not a JSON object"},
		"null":        {"null", person{}, "null is not a JSON object"},
		"array":       {`[{"age":7}]`, person{}, "array is not a JSON object"},
		"text":        {`"age"`, person{}, "string is not a JSON object"},
		"broken":      {`{"age":`, person{}, "not a JSON object: unexpected end of JSON input"},
		"two":         {`{}{}`, person{}, "not a JSON object: invalid character '{' after top-level value"},
		"unknown":     {`{"size":7}`, person{}, `unknown member "size"; known are age, name`},
		"other case":  {`{"Age":7}`, person{}, `unknown member "Age"; known are age, name`},
		"text for 7":  {`{"age":"7"}`, person{}, "age: string does not fit here"},
		"fraction":    {`{"age":1.5}`, person{}, "age: number 1.5 does not fit here"},
		"an object":   {`{"name":{}}`, person{}, "name: object does not fit here"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got person
			err := object.Read([]byte(tc.text), &got)
			if tc.err != "" {
				require.EqualError(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
	require.NoError(t, object.Read([]byte(`{}`), &struct{}{}))
	require.EqualError(t, object.Read([]byte(`{"age":7}`), &struct{}{}), `unknown member "age"; there is none`)
}
