package simulator

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
)

// answer is a response, complete before its first byte is sent: the thread is free again before the caller can see it.
type answer struct {
	status      int // 0 is a connection reset
	contentType string
	body        []byte
	cause       cause
}

// cause says why a request was refused before it was looked at.
type cause uint8

const (
	served cause = iota
	causeDark
	causeAuth
	causeHourly
	causeThreads
)

const contentJSON = "application/json; charset=utf-8"

func jsonAnswer(body []byte) answer {
	return answer{status: http.StatusOK, contentType: contentJSON, body: body}
}

// itemID is the answer to every write.
func itemID(id int64) answer {
	return jsonAnswer(append(strconv.AppendInt([]byte(`{"itemId":`), id, 10), '}'))
}

// failure is how Autotask reports what it does not like: HTTP 500 and texts.
func failure(texts ...string) answer {
	body := []byte(`{"errors":[`)
	for i, text := range texts {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendString(body, text)
	}
	return answer{status: http.StatusInternalServerError, contentType: contentJSON, body: append(body, "]}"...)}
}

// message is how the web stack in front of Autotask reports errors of its own.
func message(status int, text string) answer {
	return answer{status: status, contentType: contentJSON, body: append(appendString([]byte(`{"Message":`), text), '}')}
}

func resetAnswer() answer { return answer{} }

func (a answer) because(why cause) answer {
	a.cause = why
	return a
}

func (a answer) write(w http.ResponseWriter) {
	if a.status == 0 {
		abort(w)
		return
	}
	h := w.Header()
	if a.contentType != "" {
		h["Content-Type"] = []string{a.contentType}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that has gone away is no concern of ours
}

// abort resets the connection: a TCP RST where there is one, and net/http's own way to drop a request elsewhere.
func abort(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// appendString appends s as a JSON string. Plain ASCII, which is nearly everything, costs no allocation.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				return append(dst, `""`...)
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
