package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

const (
	maxBody   = 4 << 10 // bytes of a write
	maxReason = 256     // bytes
)

// show answers with v as JSON.
func show(w http.ResponseWriter, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil { // numbers and texts of ours always encode
		refuse(w, http.StatusInternalServerError, "the answer cannot be encoded")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n')) // nobody is left to tell
}

// problem is a refusal: RFC 9457, without a type of its own.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// refuse answers with a problem.
func refuse(w http.ResponseWriter, status int, format string, args ...any) {
	body, err := json.Marshal(problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, args...),
	})
	if err != nil { // texts and a number always encode
		body = nil
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // nobody is left to tell
}

// only refuses every method but those of a page.
func only(next http.HandlerFunc, methods ...string) http.Handler {
	allow := strings.Join(methods, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(methods, r.Method) {
			next(w, r)
			return
		}
		w.Header().Set("Allow", allow)
		refuse(w, http.StatusMethodNotAllowed, "only %s is possible here", methods[0])
	})
}

// reading is a page that is read.
func reading(next http.HandlerFunc) http.Handler { return only(next, http.MethodGet, http.MethodHead) }

// writing is a page that changes something. What it is sent is decoded into a
// new T: JSON by its content type, which no form of another site can have, of
// at most 4 KiB and without members that T does not know.
func writing[T any](next func(http.ResponseWriter, *http.Request, T)) http.Handler {
	return only(func(w http.ResponseWriter, r *http.Request) {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" {
			refuse(w, http.StatusUnsupportedMediaType, "send application/json")
			return
		}
		var in T
		if err := decode(http.MaxBytesReader(w, r.Body, maxBody), &in); err != nil {
			status := http.StatusBadRequest
			if _, large := errors.AsType[*http.MaxBytesError](err); large {
				status = http.StatusRequestEntityTooLarge
			}
			refuse(w, status, "%v", err)
			return
		}
		next(w, r, in)
	}, http.MethodPost)
}

// decode reads one JSON object. An empty body is an object without members.
func decode(body io.Reader, into any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return fmt.Errorf("read the body: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read the body: there is something after its JSON object")
	}
	return nil
}
