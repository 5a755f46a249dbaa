package health

import "regexp"

// What credentials look like in the error texts of drivers and clients.
var (
	userinfo = regexp.MustCompile(`(://)\S*@`)                   // https://user:pw@host
	dsn      = regexp.MustCompile(`[^\s"'(]+:\S*@(tcp|unix)?\(`) // user:pw@tcp(host)
	pair     = regexp.MustCompile(`(?i)\b([\w-]*(?:password|passwd|pwd|secret|token|api_?key))["']?\s*[=:]\s*("[^"]*"|'[^']*'|[^\s&,;]+)`)
	bearer   = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[\w.~+/=-]+`)
)

// redact takes credentials out of an error text. Drivers should not put them
// there; this is for those that do.
func redact(text string) string {
	text = userinfo.ReplaceAllString(text, "${1}***@")
	text = dsn.ReplaceAllString(text, "***@${1}(")
	text = pair.ReplaceAllString(text, "${1}=***")
	return bearer.ReplaceAllString(text, "${1} ***")
}
