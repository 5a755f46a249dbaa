package page

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"

	"github.com/holdfast-go/holdfast/app"
)

// A cursor is a version, the last id seen (Autotask sorts every answer by id and knows no other order), and a digest of both
// and of the list that it was made for. A cursor that was changed, or is sent with another filter, is refused; that is for
// the caller's good and keeps nothing secret: whoever may read the list may read all of it.
const (
	version = 1
	size    = 1 + 8 + 8 // bytes
)

func encode(list string, id int64) string {
	raw := make([]byte, 0, size)
	raw = append(raw, version)
	raw = binary.BigEndian.AppendUint64(raw, uint64(id)) //nolint:gosec // back and forth without loss
	h := fnv.New64a()
	_, _ = h.Write(raw)
	_, _ = h.Write([]byte(list))
	return base64.RawURLEncoding.EncodeToString(h.Sum(raw))
}

// decode takes exactly the text that encode gave: base64 alone would let other texts pass for it.
func decode(list, cursor string) (id int64, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil && len(raw) == size {
		id = int64(binary.BigEndian.Uint64(raw[1:])) //nolint:gosec // as encode wrote it
		if encode(list, id) == cursor {
			return id, nil
		}
	}
	return 0, app.BadRequest("the cursor is not one of this list").WithFields(app.FieldError{
		Field: "query.cursor", Rule: "cursor",
		Message: "send the nextCursor of a page with the filter of that page, or no cursor to begin again",
	})
}
