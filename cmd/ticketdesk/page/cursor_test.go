package page_test

import (
	"encoding/base64"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/page"
)

const tickets = "tickets?status=1"

func TestCursorRoundTrip(t *testing.T) {
	t.Parallel()
	for _, id := range []int64{0, 1, 7001, math.MaxInt64, -1, math.MinInt64} {
		got, err := page.Decode(tickets, page.Encode(tickets, id))
		require.NoError(t, err)
		require.Equal(t, id, got)
	}
}

func TestCursorRefused(t *testing.T) {
	t.Parallel()
	good := page.Encode(tickets, 7001)
	tests := map[string]string{
		"nonsense":           "next",
		"not base64":         "!" + good[1:],
		"short":              good[:len(good)-4],
		"long":               good + "AAAA",
		"padded":             good + "=",
		"line break":         good[:4] + "\n" + good[4:],
		"spare bits set":     good[:len(good)-1] + string(next(good[len(good)-1])),
		"of another filter":  page.Encode("tickets?status=2", 7001),
		"of no filter":       page.Encode("tickets?", 7001),
		"of another entity":  page.Encode("companies", 7001),
		"of another version": base64.RawURLEncoding.EncodeToString(append([]byte{2}, raw(t, good)[1:]...)),
	}
	for name, cursor := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, cursor)
		})
	}
}

func TestCursorOfWhichAnyBitWasChanged(t *testing.T) {
	t.Parallel()
	plain := raw(t, page.Encode(tickets, 7001))
	for i := range len(plain) * 8 {
		changed := append([]byte{}, plain...)
		changed[i/8] ^= 1 << (i % 8)
		refused(t, base64.RawURLEncoding.EncodeToString(changed))
	}
}

func refused(t *testing.T, cursor string) {
	t.Helper()
	_, err := page.Decode(tickets, cursor)
	var problem *app.Error
	require.ErrorAs(t, err, &problem, cursor)
	require.Equal(t, http.StatusBadRequest, problem.StatusCode())
	require.Equal(t, "the cursor is not one of this list", problem.PublicDetail())
}

func raw(t *testing.T, cursor string) []byte {
	t.Helper()
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	require.NoError(t, err)
	return plain
}

// next is the character after c in the alphabet: it differs in the lowest bit where c ends a cursor.
func next(c byte) byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return alphabet[strings.IndexByte(alphabet, c)+1]
}

// FuzzCursor: whatever is taken is what was given, and nothing panics.
func FuzzCursor(f *testing.F) {
	f.Add("", "")
	f.Add(tickets, page.Encode(tickets, 7001))
	f.Add(tickets, page.Encode("companies", 174))
	f.Add("companies", "AQAAAAAAABtZY2VdxzqW4Oc")
	f.Fuzz(func(t *testing.T, list, cursor string) {
		id, err := page.Decode(list, cursor)
		if err == nil {
			require.Equal(t, cursor, page.Encode(list, id))
		} else {
			require.Zero(t, id)
		}
		again, err := page.Decode(list, page.Encode(list, id))
		require.NoError(t, err)
		require.Equal(t, id, again)
	})
}
