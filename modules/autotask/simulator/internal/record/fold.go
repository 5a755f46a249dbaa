package record

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is compared as in lower case, rune by rune, without making the lower case. That is how strings.ToLower does it,
// and the order of runes is the order of bytes in UTF-8.

// first returns the first rune of s in lower case and its length.
func first(s string) (r rune, size int) {
	if c := s[0]; c < utf8.RuneSelf {
		return lower(c), 1
	}
	r, size = utf8.DecodeRuneInString(s)
	return unicode.ToLower(r), size
}

func lower(c byte) rune {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return rune(c)
}

// foldCompare orders two texts.
func foldCompare(a, b string) int {
	if a == b {
		return 0
	}
	for a != "" && b != "" {
		r, n := first(a)
		s, m := first(b)
		if r != s {
			return int(r) - int(s)
		}
		a, b = a[n:], b[m:]
	}
	return len(a) - len(b)
}

// foldPrefix reports whether s begins with needle, which is in lower case.
func foldPrefix(s, needle string) bool {
	for needle != "" {
		if s == "" {
			return false
		}
		r, n := first(s)
		want, m := first(needle)
		if r != want {
			return false
		}
		s, needle = s[n:], needle[m:]
	}
	return true
}

// foldSuffix reports whether s ends with needle, which is in lower case.
func foldSuffix(s, needle string) bool {
	for needle != "" {
		if s == "" {
			return false
		}
		r, n := utf8.DecodeLastRuneInString(s)
		want, m := utf8.DecodeLastRuneInString(needle)
		if unicode.ToLower(r) != want {
			return false
		}
		s, needle = s[:len(s)-n], needle[:len(needle)-m]
	}
	return true
}

// longNeedle is from where on a needle is looked for in a way that does not depend on its length, at the price of a copy.
const longNeedle = 32

// foldContains reports whether needle, which is in lower case, is part of s. It allocates where s is not ASCII or the
// needle is long.
func foldContains(s, needle string) bool {
	switch {
	case needle == "":
		return true
	case len(needle) >= longNeedle:
		return strings.Contains(strings.ToLower(s), needle)
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.Contains(strings.ToLower(s), needle)
		}
	}
	for i := 0; i+len(needle) <= len(s); i++ {
		if lower(s[i]) == rune(needle[0]) && foldPrefix(s[i:], needle) {
			return true
		}
	}
	return false
}

// foldHash is equal for texts that differ in case alone: FNV-1a over runes.
func foldHash(s string) int64 {
	h := uint64(14695981039346656037)
	for s != "" {
		r, n := first(s)
		h = (h ^ uint64(uint32(r))) * 1099511628211 //nolint:gosec // a hash
		s = s[n:]
	}
	return int64(h) //nolint:gosec // a hash
}
