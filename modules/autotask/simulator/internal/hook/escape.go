package hook

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Escape returns the form of a JSON text that Autotask signs. Inside of strings & < > ' ` + become \u0026 \u003C \u003E
// \u0027 \u0060 \u002B, an escaped quote becomes \u0022, and what is not ASCII becomes \uXXXX, as two surrogates where
// one does not do; other escapes, and everything between the strings, stay as they are. The text means the same as
// before. A published client has found this in real traffic; that it is what the default JSON encoder of .NET writes is
// a guess.
func Escape(body []byte) []byte {
	dst := make([]byte, 0, len(body)+len(body)/4)
	inside := false // of a string
	var units [2]uint16
	for i := 0; i < len(body); {
		c := body[i]
		switch {
		case c == '"':
			inside = !inside
			dst = append(dst, c)
			i++
		case !inside:
			dst = append(dst, c)
			i++
		case c == '\\':
			n := escapeLength(body[i:])
			dst = appendEscape(dst, body[i:i+n])
			i += n
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(body[i:])
			for _, unit := range utf16.AppendRune(units[:0], r) {
				dst = appendUnit(dst, unit)
			}
			i += n
		case strings.IndexByte("&<>'`+", c) >= 0:
			dst = appendUnit(dst, uint16(c))
			i++
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

// escapeLength is 2, or 1 for a backslash that escapes nothing: such a text is no JSON.
func escapeLength(s []byte) int {
	if len(s) > 1 && s[1] < utf8.RuneSelf {
		return 2
	}
	return 1
}

func appendEscape(dst, escape []byte) []byte {
	if string(escape) == `\"` {
		return appendUnit(dst, '"')
	}
	return append(dst, escape...)
}

func appendUnit(dst []byte, unit uint16) []byte {
	const hex = "0123456789ABCDEF"
	return append(dst, '\\', 'u', hex[unit>>12], hex[unit>>8&0xF], hex[unit>>4&0xF], hex[unit&0xF])
}
