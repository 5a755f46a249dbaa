package wire

import "strings"

// Clip is s, or as much of its begin as has at most so many bytes, in memory of its own.
func Clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.Clone(strings.ToValidUTF8(s[:most], ""))
}

// maxName is how much of a name is told back to whoever has sent it.
const maxName = 200 // bytes

// Short is a name as a text repeats it: whoever sends a name of a megabyte does not get it back.
func Short(name string) string { return shorten(name, maxName) }

func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return Clip(s, most) + "…"
}
