package rule

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// A body is taken apart here instead of by encoding/json, which has checked it: what is inside of a list that no
// field takes costs no memory, and the members come in their order. Everything in this file takes valid JSON.

// scanner goes over JSON.
type scanner struct{ rest []byte }

// members iterates over the members of an object.
func members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(name string, raw []byte) bool) {
		s := scanner{object[1:]}
		for s.next() {
			name := s.value()
			s.next() // the colon
			if !yield(text(name), s.value()) {
				return
			}
		}
	}
}

// elements iterates over the elements of a list.
func elements(list []byte) iter.Seq[[]byte] {
	return func(yield func(raw []byte) bool) {
		s := scanner{list[1:]}
		for s.next() {
			if !yield(s.value()) {
				return
			}
		}
	}
}

// next skips what stands before a value, and reports whether there is one: the bracket that ends an object is none.
func (s *scanner) next() bool {
	s.rest = bytes.TrimLeft(s.rest, " \t\r\n,:")
	return len(s.rest) > 0 && s.rest[0] != '}' && s.rest[0] != ']'
}

// value takes the value that comes next.
func (s *scanner) value() []byte {
	var end int
	switch s.rest[0] {
	case '"':
		end = afterText(s.rest)
	case '{', '[':
		end = afterBracket(s.rest)
	default:
		if end = bytes.IndexAny(s.rest, ",]} \t\r\n"); end < 0 {
			end = len(s.rest)
		}
	}
	value := s.rest[:end]
	s.rest = s.rest[end:]
	return value
}

// afterText returns where the string ends that b begins with.
func afterText(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// afterBracket returns where the object or the list ends that b begins with.
func afterBracket(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += afterText(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

// scalar decodes a value that is no list and no object.
func scalar(raw []byte) any {
	switch raw[0] {
	case '{', '[':
		return composite{}
	case '"':
		return text(raw)
	case 't', 'f':
		return raw[0] == 't'
	case 'n':
		return nil
	default:
		return json.Number(raw)
	}
}

// text decodes a string; one without escapes is nearly every one, and needs no second look.
func text(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil { // it was read as JSON once
		return ""
	}
	return s
}
