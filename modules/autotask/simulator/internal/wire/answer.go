package wire

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"
)

// Answer is a response, complete before its first byte is sent: the thread is free again before the caller can see it.
type Answer struct {
	Status      int // 0 is a connection reset
	ContentType string
	Body        []byte
	RetryAfter  string // of the header; "" is none
	Cause       Cause
	Misuse      string // the rule of the protocol that the caller broke, in snake case; "" is none
	Detail      string // of the misuse, where the body does not tell it

	Cut     int           // bytes of the body after which the connection is reset; 0 is none
	Trickle time.Duration // over how long the body is sent, in pieces; 0 is at once
}

// Cause says why a request was refused before it was looked at.
type Cause uint8

// The causes.
const (
	Served Cause = iota
	Dark
	Unauthorized
	Suspended
	Threads
	Faulty // by a fault that was ordered
	Causes // how many there are
)

const contentJSON = "application/json; charset=utf-8"

// JSON is an answer of 200.
func JSON(body []byte) Answer {
	return Answer{Status: http.StatusOK, ContentType: contentJSON, Body: body}
}

// ItemID is the answer to every write.
func ItemID(id int64) Answer {
	return JSON(append(strconv.AppendInt([]byte(`{"itemId":`), id, 10), '}'))
}

// Marshal is an answer of 200 with v as JSON.
func Marshal(v any) Answer {
	body, err := json.Marshal(v)
	if err != nil {
		return Message(http.StatusInternalServerError, err.Error())
	}
	return JSON(body)
}

// Failure is how Autotask reports what it does not like: HTTP 500 and texts.
func Failure(texts ...string) Answer {
	body := []byte(`{"errors":[`)
	for i, text := range texts {
		if i > 0 {
			body = append(body, ',')
		}
		body = AppendString(body, text)
	}
	return Answer{Status: http.StatusInternalServerError, ContentType: contentJSON, Body: append(body, "]}"...)}
}

// Message is how the web stack in front of Autotask reports errors of its own.
func Message(status int, text string) Answer {
	return Answer{Status: status, ContentType: contentJSON, Body: append(AppendString([]byte(`{"Message":`), text), '}')}
}

// Page is the HTML page of a proxy.
func Page(status int) Answer {
	text := http.StatusText(status)
	return Answer{
		Status: status, ContentType: "text/html; charset=utf-8",
		Body: []byte("<html><head><title>" + strconv.Itoa(status) + " " + text + "</title></head><body><h1>" + text +
			"</h1><p>The service cannot answer your request.</p></body></html>"),
	}
}

// Reset is a connection that breaks before an answer.
func Reset() Answer { return Answer{} }

// Because is a with its cause.
func (a Answer) Because(why Cause) Answer {
	a.Cause = why
	return a
}

// Misusing is a with the rule that the caller broke.
func (a Answer) Misusing(rule string) Answer {
	a.Misuse = rule
	return a
}

// AppendString appends s as a JSON string. What is no valid UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0 // where the part begins that is not yet copied
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[plain:i]...), `\ufffd`...)
				plain = i + 1
			}
			i += size
			continue
		}
		if c < 0x20 || c == '"' || c == '\\' {
			dst = appendEscape(append(dst, s[plain:i]...), c)
			plain = i + 1
		}
		i++
	}
	return append(append(dst, s[plain:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	default:
		return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
	}
}
