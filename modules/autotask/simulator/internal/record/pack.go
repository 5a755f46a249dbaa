package record

import (
	"encoding/binary"
	"math"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// kind is how a value is packed.
type kind uint8

const (
	null kind = iota
	whole
	stamp
	double // packed as its sortable number
	text
	no
	yes
)

// A packed value begins with a uvarint: its kind in the lowest bits, above them the distance to the ordinal before.
const (
	kindBits = 3
	kindMask = 1<<kindBits - 1
)

// value is a value taken out of its row, or of a filter, without an allocation.
type value struct {
	kind   kind
	number int64 // of every kind but text, such that numbers are in the order of the values
	text   string
}

// valueOf returns v as a column of type t holds it. What is not of that type is null, except that a whole number may
// stand in a column of fractions.
func valueOf(t registry.Type, v any) value {
	switch v := v.(type) {
	case int64:
		switch t {
		case registry.Int32, registry.Int64:
			return value{kind: whole, number: v}
		case registry.Double:
			return doubleOf(float64(v))
		default:
			return value{}
		}
	case Stamp:
		return only(t == registry.DateTime, value{kind: stamp, number: int64(v)})
	case float64:
		return only(t == registry.Double, doubleOf(v))
	case string:
		return only(t == registry.String, value{kind: text, text: v})
	case bool:
		if v {
			return only(t == registry.Boolean, value{kind: yes, number: 1})
		}
		return only(t == registry.Boolean, value{kind: no})
	default:
		return value{}
	}
}

func only(fits bool, v value) value {
	if fits {
		return v
	}
	return value{}
}

// doubleOf returns null for what JSON cannot say.
func doubleOf(f float64) value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return value{}
	}
	if f == 0 {
		f = 0 // of both zeros the positive one
	}
	return value{kind: double, number: sortable(int64(math.Float64bits(f)))} //nolint:gosec // bits, no number
}

// sortable turns the bits of a float64 into a number of the same order, and back.
func sortable(bits int64) int64 {
	if bits < 0 {
		return bits ^ math.MaxInt64
	}
	return bits
}

func (v value) float() float64 {
	return math.Float64frombits(uint64(sortable(v.number))) //nolint:gosec // bits, no number
}

// unpacked returns v as the API of this package shows it.
func (v value) unpacked() any {
	switch v.kind {
	case whole:
		return v.number
	case stamp:
		return Stamp(v.number)
	case double:
		return v.float()
	case text:
		return v.text
	case no, yes:
		return v.kind == yes
	default:
		return nil
	}
}

// pack packs the values of a record, without its id.
func pack(columns []Column, vals []any) string {
	var buf [1 << 10]byte
	dst, before := buf[:0], 0
	for ord := 1; ord < min(len(vals), len(columns)); ord++ {
		v := valueOf(columns[ord].Type, vals[ord])
		if v.kind == null {
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(ord-before)<<kindBits|uint64(v.kind)) //nolint:gosec // ordinals rise
		before = ord
		switch v.kind {
		case whole, stamp:
			dst = binary.AppendVarint(dst, v.number)
		case double:
			dst = binary.LittleEndian.AppendUint64(dst, uint64(v.number)) //nolint:gosec // bits
		case text:
			dst = append(binary.AppendUvarint(dst, uint64(len(v.text))), v.text...)
		default: // a boolean is its kind
		}
	}
	return string(dst)
}

// walker walks over the values of a packed record by their ordinals.
type walker struct {
	data string // what is ahead
	ord  int    // of the value before
}

// next returns the next value; ok is false at the end.
func (w *walker) next() (ord int, v value, ok bool) {
	if w.data == "" {
		return 0, value{}, false
	}
	k := w.head()
	return w.ord, w.take(k), true
}

// find returns the value with that ordinal, which must not be below one that was asked for before.
func (w *walker) find(ord int) value {
	for w.data != "" {
		ahead := *w
		k := ahead.head()
		if ahead.ord > ord {
			return value{} // and stay before what is ahead
		}
		*w = ahead
		if w.ord == ord {
			return w.take(k)
		}
		w.skip(k)
	}
	return value{}
}

func (w *walker) head() kind {
	h := w.uvarint()
	w.ord += int(h >> kindBits)
	return kind(h & kindMask)
}

func (w *walker) take(k kind) value {
	v := value{kind: k}
	switch k {
	case whole, stamp:
		u := w.uvarint()
		v.number = int64(u>>1) ^ -int64(u&1) // as encoding/binary writes signed numbers
	case double:
		v.number = int64(word(w.data)) //nolint:gosec // bits
		w.data = w.data[8:]
	case text:
		n := w.uvarint()
		v.text, w.data = w.data[:n], w.data[n:]
	case yes:
		v.number = 1
	default:
	}
	return v
}

func (w *walker) skip(k kind) {
	switch k {
	case whole, stamp:
		i := 0
		for w.data[i] >= 0x80 {
			i++
		}
		w.data = w.data[i+1:]
	case double:
		w.data = w.data[8:]
	case text:
		n := w.uvarint()
		w.data = w.data[n:]
	default:
	}
}

// word reads eight bytes, the lowest first.
func word(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func (w *walker) uvarint() uint64 {
	if b := w.data[0]; b < 0x80 {
		w.data = w.data[1:]
		return uint64(b)
	}
	var u uint64
	for i := 0; ; i++ {
		b := w.data[i]
		u |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			w.data = w.data[i+1:]
			return u
		}
	}
}
