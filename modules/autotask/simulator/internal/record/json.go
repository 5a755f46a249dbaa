package record

import (
	"strconv"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// AppendRow appends r as JSON, with the columns of ords, or with all where ords is nil. User-defined columns come last,
// as "userDefinedFields":[{"name":…,"value":…}], values as text; hidden ones are left out. An entity that can have such
// columns always has that member, empty where no column was defined yet, except that ords must name one; any other
// entity never has it. It takes no lock.
func (t *Table) AppendRow(dst []byte, r Row, ords []int) []byte {
	l := t.layout.Load()
	if ords != nil {
		return l.appendSome(dst, r, ords)
	}
	dst = append(append(dst, '{'), l.keys[0]...)
	dst = strconv.AppendInt(dst, r.ID, 10)
	done := 0 // of blank
	w := walker{data: r.data}
	for ord, v, ok := w.next(); ok && ord < len(l.parts); ord, v, ok = w.next() {
		if p := l.parts[ord]; p.end > p.start {
			dst = appendValue(append(dst, l.blank[done:p.value]...), v)
			done = p.end
		}
	}
	dst = append(dst, l.blank[done:]...)
	if l.userMade {
		dst = l.appendUDFs(dst, r, l.udfOrds)
	}
	return append(dst, '}')
}

func (l *layout) appendSome(dst []byte, r Row, ords []int) []byte {
	var udfs []int
	dst = append(dst, '{')
	empty := len(dst)
	w := walker{data: r.data}
	for _, ord := range ords {
		switch {
		case ord < 0 || ord >= len(l.columns) || l.columns[ord].Hidden:
			continue
		case l.columns[ord].UDF:
			udfs = append(udfs, ord)
			continue
		}
		if len(dst) > empty {
			dst = append(dst, ',')
		}
		dst = appendValue(append(dst, l.keys[ord]...), w.random(r, ord))
	}
	if len(udfs) > 0 {
		dst = l.appendUDFs(dst, r, udfs)
	}
	return append(dst, '}')
}

// appendUDFs appends the member userDefinedFields and the comma before it, unless it is the first.
func (l *layout) appendUDFs(dst []byte, r Row, ords []int) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, `"userDefinedFields":[`...)
	w := walker{data: r.data}
	for i, ord := range ords {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(append(dst, l.keys[ord]...), w.random(r, ord)), '}')
	}
	return append(dst, ']')
}

// random is find in any order; it is quick where ordinals rise.
func (w *walker) random(r Row, ord int) value {
	if ord == 0 {
		return r.value(0)
	}
	if ord <= w.ord {
		*w = walker{data: r.data}
	}
	return w.find(ord)
}

// appendText appends v as it stands in a user-defined field: all but null is text.
func appendText(dst []byte, v value) []byte {
	switch v.kind {
	case whole, double, no, yes:
		return append(appendValue(append(dst, '"'), v), '"')
	default:
		return appendValue(dst, v)
	}
}

func appendValue(dst []byte, v value) []byte {
	switch v.kind {
	case whole:
		return strconv.AppendInt(dst, v.number, 10)
	case stamp:
		return appendStamp(dst, Stamp(v.number))
	case double:
		return strconv.AppendFloat(dst, v.float(), 'f', -1, 64)
	case text:
		return wire.AppendString(dst, v.text)
	case no:
		return append(dst, "false"...)
	case yes:
		return append(dst, "true"...)
	default:
		return append(dst, "null"...)
	}
}

func appendStamp(dst []byte, s Stamp) []byte {
	return append(s.Time().AppendFormat(append(dst, '"'), StampLayout), '"')
}
