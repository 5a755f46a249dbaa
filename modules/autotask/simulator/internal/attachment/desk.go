package attachment

import (
	"encoding/base64"
	"strings"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// maxFile is how many bytes a file has at most.
const maxFile = 7_000_000

// Desk takes attachments in. Everything may be called concurrently.
type Desk struct {
	mu     sync.Mutex
	volume volume
}

// New returns a desk with nothing uploaded yet.
func New() *Desk { return &Desk{} }

// Reset forgets what was uploaded.
func (d *Desk) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.volume = volume{}
}

// Is reports whether a table holds attachments. The catalogue AttachmentInfo does not.
func Is(t *record.Table) bool {
	e := t.Entity()
	return e.Child == "Attachments" && e.ChildVerbs.Has(registry.Create)
}

// Columns returns the ordinals that lists and queries show: all but the data.
func Columns(t *record.Table) []int {
	columns := t.Columns()
	shown := make([]int, 0, len(columns))
	for ord := range columns {
		if !columns[ord].Base64 {
			shown = append(shown, ord)
		}
	}
	return shown
}

// Check returns the texts about a new attachment that was otherwise found right: data that is no base64, a file that is
// too large, more bytes in five minutes than are allowed. It counts the bytes of an attachment that it takes.
func (d *Desk) Check(t *record.Table, vals []any, at time.Time) []string {
	size := 0
	switch data := text(t, vals, "data"); {
	case data != "":
		file, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return []string{wire.Text(wire.TextBadValue, "data", "base64 string")}
		}
		size = len(file)
	case strings.EqualFold(text(t, vals, "attachmentType"), "FILE_ATTACHMENT"):
		return []string{wire.Text(wire.TextMissingField, "data")}
	}
	if size > maxFile {
		return []string{wire.Text(wire.TextFileTooLarge, maxFile)}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.volume.take(at.UnixMilli(), size) {
		return []string{wire.Text(wire.TextFileVolume, maxVolume, minutes, minutes)}
	}
	return nil
}

// text returns a value of a record by the name of its column, "" where there is none or it is no text.
func text(t *record.Table, vals []any, name string) string {
	ord, ok := t.Ordinal(name)
	if !ok || ord >= len(vals) {
		return ""
	}
	s, _ := vals[ord].(string)
	return s
}
