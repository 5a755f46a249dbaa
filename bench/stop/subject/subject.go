// Package subject is what the servers that are stopped have in common: what they are told, what they answer, and that none
// of them outlives the program that has started it.
package subject

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// Order says which server a process is to be, and where.
type Order struct {
	// Name is that of the server.
	Name string
	// Addr is where the routes are served, and Admin where the server is looked at that has a listener of its own for that.
	// Both are host:port.
	Addr, Admin string
	// Grace is how long a server that can goes on after its readiness has turned.
	Grace time.Duration
}

// verb is the first argument of a process that is to be a server.
const verb = "serve"

// Args are the command line that Parse reads.
func (o Order) Args() []string { return []string{verb, o.Name, o.Addr, o.Admin, o.Grace.String()} }

// Parse reads a command line without the name of the program. ok is false where it does not ask for a server.
func Parse(args []string) (o Order, ok bool, err error) {
	if len(args) == 0 || args[0] != verb {
		return Order{}, false, nil
	}
	if len(args) != len(o.Args()) {
		return Order{}, true, errors.New("usage: serve NAME ADDR ADMIN GRACE")
	}
	o = Order{Name: args[1], Addr: args[2], Admin: args[3]}
	if o.Grace, err = time.ParseDuration(args[4]); err != nil {
		err = fmt.Errorf("the grace period: %w", err)
	}
	return o, true, err
}

// EndWithParent ends the process when its standard input does: the program that has started it has gone.
func EndWithParent() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
}

// Routes are what each server answers, by path.
//
//	/fast           at once
//	/slow?for=1s    after that time
//	/stream?for=1s  in pieces, the last of which is End
//	/hang           begins, and never ends
//	/readyz         200, as long as anything is answered
//	/livez          the same
func Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"/fast": Fast, "/slow": Slow, "/stream": Stream, "/hang": Hang, "/readyz": Fast, "/livez": Fast,
	}
}

// Mux serves the Routes.
func Mux() *http.ServeMux {
	mux := http.NewServeMux()
	for path, handler := range Routes() {
		mux.Handle(path, handler)
	}
	return mux
}

// End is the last piece of a stream.
const End = "end\n"

// beat is the time between two pieces of a stream.
const beat = 50 * time.Millisecond

// Fast answers at once.
func Fast(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") }

// Slow answers after a while, and not at all where its caller has gone.
func Slow(w http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.FormValue("for"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if wait(r, d) {
		Fast(w, r)
	}
}

// Stream sends a piece every 50 ms, and End when its time is over.
func Stream(w http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.FormValue("for"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for range d / beat {
		piece(w, "more\n")
		if !wait(r, beat) {
			return
		}
	}
	piece(w, End)
}

// Hang sends the head of an answer and never returns, whatever it is told.
func Hang(w http.ResponseWriter, _ *http.Request) {
	piece(w, "more\n")
	select {}
}

func piece(w http.ResponseWriter, text string) {
	_, _ = io.WriteString(w, text) // a caller that has gone ends the request
	_ = http.NewResponseController(w).Flush()
}

// wait is false where the request has ended before the time was over.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
