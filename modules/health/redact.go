package health

import (
	"regexp"
	"strings"
)

// longest is how many bytes of an error text are told.
const longest = 1024

// What credentials and data source names look like in the error texts of
// drivers and clients.
var (
	bearer  = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[\w.~+/=-]+`)
	quoted  = regexp.MustCompile("([\"'`][a-zA-Z][\\w+.-]*://)[^\"'`]*@") // a password with spaces
	address = regexp.MustCompile("([a-zA-Z][\\w+.-]*)://(?:\\S*@)?([^\\s/?#\"'`]*)([^\\s\"'`]*)")
	account = regexp.MustCompile("[^\\s\"'`(]+:\\S*@([^\\s/?\"'`]*)(?:[/?][^\\s\"'`:]*)?") // user:pw@tcp(host)/name
	pair    = regexp.MustCompile(`(?i)\b([\w-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credential)[\w-]*)` +
		`(?:\\*["'])?\s*[=:]\s*` + value)
	keyword = regexp.MustCompile(`(?i)\b(user|username|uid)=` + value)
)

// value is that of a pair: quoted, or up to the next separator.
const value = `("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\\.|[^\s&,;])+)`

// redact takes credentials and data source names out of an error text, and
// bounds it. Where something cannot be reached stays, for whoever looks into
// it. Drivers should put no secrets there; this is for those that do.
func redact(text string) string {
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
func bareAddress(url string) string {
	m := address.FindStringSubmatch(url)
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
