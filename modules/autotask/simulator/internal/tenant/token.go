package tenant

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
)

const (
	begin      = -1 // behind this id the first page begins
	maxHistory = 8  // pages that one can go back by prevPageUrl
)

// position is where a page begins: behind the id start. before are the starts of the pages before, as far as they are
// known.
type position struct {
	start  int64
	before []int64
}

// next is the position of the page behind this one, whose last id is last.
func (p position) next(last int64) position {
	before := append(append([]int64{}, p.before...), p.start)
	return position{start: last, before: before[max(0, len(before)-maxHistory):]}
}

// previous is the position of the page before this one. ok is false where it is not known, or there is none.
func (p position) previous() (before position, ok bool) {
	n := len(p.before) - 1
	if n < 0 {
		return position{}, false
	}
	return position{start: p.before[n], before: p.before[:n]}, true
}

// token is a position as a link carries it. Its first three members are those of the real API; the seal ties it to this
// tenant, entity and filter.
type token struct {
	PageSize    int     `json:"pageSize"`
	PreviousIDs []int64 `json:"previousIds"`
	NextIDs     []int64 `json:"nextIds"`
	Seal        string  `json:"seal,omitempty"`
}

// sealer makes and opens the tokens of one list.
type sealer struct {
	seed   uint64
	entity string
	digest []byte // of the filter
	limit  int
}

// token returns the token of a position.
func (s sealer) token(p position) string {
	tok := token{PageSize: s.limit, PreviousIDs: p.before, NextIDs: []int64{p.start}}
	if tok.PreviousIDs == nil {
		tok.PreviousIDs = []int64{}
	}
	tok.Seal = s.seal(tok)
	return string(tok.json())
}

// open returns the position of a token. ok is false for a token that this list was not given.
func (s sealer) open(raw string) (p position, ok bool) {
	var tok token
	if err := json.Unmarshal([]byte(raw), &tok); err != nil || len(tok.NextIDs) != 1 || tok.PageSize != s.limit {
		return position{}, false
	}
	return position{start: tok.NextIDs[0], before: tok.PreviousIDs}, hmac.Equal([]byte(tok.Seal), []byte(s.seal(tok)))
}

// seal signs everything in a token, its entity and its filter.
func (s sealer) seal(tok token) string {
	tok.Seal = ""
	mac := hmac.New(sha256.New, binary.BigEndian.AppendUint64([]byte("holdfast autotask simulator "), s.seed))
	for _, part := range [][]byte{[]byte(s.entity), s.digest, tok.json()} {
		mac.Write(part)
		mac.Write([]byte{0})
	}
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

func (tok token) json() []byte {
	raw, err := json.Marshal(tok)
	if err != nil { // integers and strings only
		return nil
	}
	return raw
}

// escape percent-encodes in lower-case hexadecimal, as .NET does.
func escape(s string) string {
	const digits = "0123456789abcdef"
	const plain = "-_.!*()"
	var b strings.Builder
	b.Grow(len(s) + len(s)/2)
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(plain, c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
