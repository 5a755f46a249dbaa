package app

import (
	"bytes"
	"encoding/json"
)

// blankKeys overwrites, in place, every key of the outermost JSON object under
// which encoding/json would reach a field that is bound from elsewhere: such a
// key then names nothing and its value, of whatever type, is skipped. A key that
// is, to the letter, the name of one of the body's own fields is left. Invalid
// JSON is left to encoding/json to refuse.
func blankKeys(body []byte, names, own [][]byte) {
	i := skipSpace(body, 0)
	if len(names) == 0 || i >= len(body) || body[i] != '{' {
		return
	}
	for i < len(body) {
		start := skipSpace(body, i+1) // behind '{' or ','
		if start >= len(body) || body[start] != '"' {
			return
		}
		end := stringEnd(body, start)
		if end >= len(body) {
			return
		}
		if namesAny(body[start:end+1], names, own) {
			for j := start + 1; j < end; j++ {
				body[j] = blank
			}
		}
		i = valueEnd(body, end+1)
	}
}

// blank is legal in a JSON string and in the name of no Go field.
const blank = 0x7f

// namesAny tells whether a quoted key means one of the names, as encoding/json
// sees it: unescaped, and without regard to case unless it is one of own.
func namesAny(quoted []byte, names, own [][]byte) bool {
	key := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(key, '\\') >= 0 {
		var plain string
		if json.Unmarshal(quoted, &plain) != nil {
			return false
		}
		key = []byte(plain)
	}
	return containsKey(names, key, bytes.EqualFold) && !containsKey(own, key, bytes.Equal)
}

func containsKey(names [][]byte, key []byte, same func(a, b []byte) bool) bool {
	for _, name := range names {
		if same(name, key) {
			return true
		}
	}
	return false
}

func skipSpace(body []byte, i int) int {
	for i < len(body) && (body[i] == ' ' || body[i] == '\t' || body[i] == '\n' || body[i] == '\r') {
		i++
	}
	return i
}

// stringEnd is the index of the closing quote, or len(body).
func stringEnd(body []byte, start int) int {
	for i := start + 1; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(body)
}

// valueEnd is the index of the comma behind the value, or len(body) where the
// object ends.
func valueEnd(body []byte, i int) int {
	depth := 0
	for ; i < len(body); i++ {
		switch body[i] {
		case '"':
			i = stringEnd(body, i)
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return len(body)
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(body)
}
