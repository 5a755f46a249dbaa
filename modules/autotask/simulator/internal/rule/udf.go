package rule

import (
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// readUDFs takes the user-defined fields of a draft. A name that comes twice counts the last time.
func (f *form) readUDFs(d Draft) {
	if d.badUDFs {
		f.badUDFs = append(f.badUDFs, wire.Text(wire.TextBadValue, udfMember, "list of names and values"))
	}
	for _, pair := range d.udfs {
		switch ord, ok := f.t.UDF(pair.name); {
		case ok:
			f.put(ord, pair.value)
		case len(f.badUDFs) < maxProblems:
			f.badUDFs = append(f.badUDFs, wire.Text(wire.TextUnknownUDF, wire.Short(pair.name), f.entity.Singular))
		}
	}
}

// parseUDF reads the value of a user-defined field, which the API writes as text whatever its type is, and so takes
// as text too. The empty text clears a list and a field that holds no text; that is a guess.
func parseUDF(col *record.Column, raw any) (v any, ok bool) {
	s, text := raw.(string)
	switch {
	case text && s == "" && (col.Type != registry.String || col.PickList):
		return nil, true
	case text && col.Type == registry.Boolean:
		return strings.EqualFold(s, "true"), strings.EqualFold(s, "true") || strings.EqualFold(s, "false")
	default:
		return col.Parse(raw)
	}
}
