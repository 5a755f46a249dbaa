package seed

import (
	"strconv"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// calendar knows how the day is written that was asked for last. Most questions are for the same day again.
type calendar struct {
	day  record.Stamp // the number of days since 1970
	text string       // 20240115
}

func (c *calendar) date(at record.Stamp) string {
	if d := at / day; d != c.day || c.text == "" {
		c.day, c.text = d, at.Time().Format("20060102")
	}
	return c.text
}

// next is the next number of its day, T20240115.0001, as the records of an entity are numbered. Later creates go on
// from there, since both count in the store.
func (s *seeder) next(letter byte, entity string, at record.Stamp) string {
	t := s.row(entity).table
	if t == nil {
		return ""
	}
	text := s.today.date(at)
	var buf [24]byte
	return string(padded(append(append(append(buf[:0], letter), text...), '.'), s.tx.Serial(t, text)))
}

// numbered is a number of at least four digits behind a text.
func numbered(prefix string, n int) string { return string(padded([]byte(prefix), n)) }

func padded(dst []byte, n int) []byte {
	for limit := 1000; n < limit && limit > 1; limit /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(n), 10)
}
