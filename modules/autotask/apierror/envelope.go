package apierror

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

const (
	maxBody     = 1 << 20 // bytes of an error body that are looked at
	maxMessages = 100
	maxPlain    = 1000 // bytes of a body that is plain text
)

// envelope is what an error body says.
type envelope struct {
	messages []string
	listed   bool // the texts came in errors[], which is how Autotask itself reports
}

// parse reads the texts out of an error body: errors as strings or objects, Message, message, error, errorMessage, plain
// text. An empty body and HTML say nothing. A body that breaks off gives what it held until then.
func parse(body []byte) envelope {
	body = bytes.TrimSpace(body[:min(len(body), maxBody)])
	switch {
	case len(body) == 0, body[0] == '<':
		return envelope{}
	case body[0] != '{' && body[0] != '[' && body[0] != '"':
		return envelope{messages: []string{plain(body)}}
	}
	w := walker{dec: json.NewDecoder(bytes.NewReader(body))}
	w.dec.UseNumber()
	w.value("message", 0)
	return w.envelope
}

// plain is a text body, cut at a character.
func plain(body []byte) string {
	if len(body) > maxPlain {
		body = body[:maxPlain]
	}
	for len(body) > 0 && !utf8.Valid(body) && len(body) > maxPlain-utf8.UTFMax {
		body = body[:len(body)-1]
	}
	return strings.ToValidUTF8(string(body), "?")
}

// walker reads a body token by token, so that depth and length cost nothing and a broken end loses only itself.
type walker struct {
	envelope

	dec *json.Decoder
}

// value reads one value that stands under key; it reports false where the body breaks off.
func (w *walker) value(key string, depth int) bool {
	const deepest = 16
	token, err := w.dec.Token()
	if err != nil || depth > deepest {
		return false
	}
	switch t := token.(type) {
	case string:
		w.text(key, t)
	case json.Delim:
		return w.inside(t, key, depth)
	}
	return true
}

// inside reads the rest of an array or object. The members of an array stand under the array's key.
func (w *walker) inside(open json.Delim, key string, depth int) bool {
	if key == keyed {
		key = "errors"
	}
	for w.dec.More() {
		under := key
		if open == '{' {
			name, err := w.dec.Token()
			if err != nil {
				return false
			}
			text, _ := name.(string)
			under = member(key, strings.ToLower(text))
		}
		if !w.value(under, depth+1) {
			return false
		}
	}
	_, err := w.dec.Token()
	return err == nil
}

// keyed is what the members of errors:{"title":["too long"]} stand under: a list there is one of errors, a text is not.
const keyed = "errors by field"

// member is the key that a member of an object counts under, empty where its texts say nothing about the error.
func member(key, name string) string {
	switch {
	case name == "errors":
		return name
	case name == "message", name == "error", name == "errormessage":
		if key == "errors" {
			return key
		}
		return name
	case key == "errors":
		return keyed
	default:
		return "" // exceptionType, stackTrace, code
	}
}

func (w *walker) text(key, text string) {
	if key == "" || key == keyed || strings.TrimSpace(text) == "" || len(w.messages) >= maxMessages {
		return
	}
	w.messages = append(w.messages, text)
	w.listed = w.listed || key == "errors"
}
