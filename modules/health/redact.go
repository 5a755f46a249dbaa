package health

import (
	"net/url"
	"regexp"
	"strings"
)

// longest is how many bytes of an error text are told, and most how many are
// looked at: the text may be the body of somebody's answer.
const (
	longest = 1 << 10
	most    = 2 << 10
)

// What credentials and data source names look like in the error texts of
// drivers and clients.
var (
	escaped = regexp.MustCompile(`(?i)%(3A|2F|40|3D)`) // : / @ =
	bearer  = regexp.MustCompile(`(?i)\b(bearer|basic|digest)\s+[\w.~+/=-]{8,}`)
	quoted  = regexp.MustCompile("([\"'`][a-zA-Z][\\w+.-]*://)[^\"'`]*@") // a password with spaces
	address = regexp.MustCompile("([a-zA-Z][\\w+.-]*)://(?:\\S*@)?([^\\s/?#\"'`]*)([^\\s\"'`]*)")
	account = regexp.MustCompile("[^\\s\"'`(]+:\\S*@([^\\s/?\"'`]*)(?:[/?][^\\s\"'`:]*)?") // user:pw@tcp(host)/name
	pair    = regexp.MustCompile(`(?i)\b([\w-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|cookie|credential|signature|authorization|(?:api|access|account|private)[_-]?key)[\w-]*)` +
		`(?:\\*["'])?\s*[=:]\s*` + value)
	keyword = regexp.MustCompile(`(?i)\b(user|username|uid)=` + value)
)

// value is that of a pair: quoted, or up to the next separator.
const value = `("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\\.|[^\s&,;])+)`

// redact takes credentials and data source names, as far as they have one of the
// usual forms, out of an error text, and bounds it. Where something cannot be reached stays, for whoever looks into
// it. Drivers should put no secrets there; this is for those that do.
func redact(text string) string {
	text = escaped.ReplaceAllStringFunc(text[:min(len(text), most)], unescape)
	text = bearer.ReplaceAllString(text, "${1} ***")
	text = quoted.ReplaceAllString(text, "${1}***@")
	text = address.ReplaceAllStringFunc(text, bareAddress)
	text = account.ReplaceAllString(text, "*** at ${1}")
	text = pair.ReplaceAllString(text, "${1}=***")
	text = keyword.ReplaceAllString(text, "${1}=***")
	if len(text) > longest {
		text = text[:longest] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// bareAddress leaves scheme and host of a URL, and the path of a web address.
func bareAddress(text string) string {
	m := address.FindStringSubmatch(text)
	scheme, host, rest := m[1], m[2], m[3]
	if lower := strings.ToLower(scheme); lower == "http" || lower == "https" {
		path, _, asked := strings.Cut(rest, "?")
		if asked {
			path += "?***"
		}
		return scheme + "://" + host + path
	}
	if strings.HasSuffix(rest, ":") { // the cause comes next
		host += ":"
	}
	return scheme + " at " + host
}

// unescape turns one %XX into what it stands for.
func unescape(code string) string {
	char, err := url.QueryUnescape(code)
	if err != nil { // which it cannot be
		return code
	}
	return char
}
