package stoptest

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
)

// Line is a line of a JSON log.
type Line map[string]any

// Text is the string that is logged under a key, or "".
func (l Line) Text(key string) string {
	text, _ := l[key].(string)
	return text
}

// Number is the number that is logged under a key, or 0.
func (l Line) Number(key string) float64 {
	n, _ := l[key].(float64)
	return n
}

// output may be read while it is written.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed at the next write
}

func newOutput() *output { return &output{changed: make(chan struct{})} }

// Write implements io.Writer.
func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
	return o.text.Write(text)
}

// String is all that was written so far.
func (o *output) String() string {
	text, _ := o.snapshot()
	return text
}

// snapshot is all that was written so far, and a channel that is closed when there is more.
func (o *output) snapshot() (text string, more <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.changed
}

// linesOf are the lines of a log that have a message; "" is all lines that are JSON.
func linesOf(text, msg string) (found []Line) {
	for raw := range strings.Lines(text) {
		var l Line
		if json.Unmarshal([]byte(raw), &l) == nil && (msg == "" || l.Text("msg") == msg) {
			found = append(found, l)
		}
	}
	return found
}
