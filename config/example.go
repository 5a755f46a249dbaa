package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// heading begins the text of Example.
const heading = `# Settings. Copy this file to .env and take away the # before what you change.
# The file is read with APP_ENV=dev only; the environment of the process wins
# over it. A name that is set must have a value.
`

// Example returns the text of an .env.example file: every setting with what
// it does, what is allowed and its default, those that several packages share
// first and the others by owner. All are commented out, so that a copy of the
// file changes nothing and keeps following the defaults; secrets are empty.
func Example(specs ...Spec) string {
	var b strings.Builder
	b.WriteString(heading)
	group := ""
	for _, s := range merge(arrange(specs)) {
		if s.group != group {
			group = s.group
			fmt.Fprintf(&b, "\n# ---- %s ----\n", group)
		}
		s.field.example(&b)
	}
	return b.String()
}

// setting is a field and the heading it stands under.
type setting struct {
	group string
	field field
}

// merge lists each setting once, in the order of the file.
func merge(specs []Spec) []setting {
	const shared = "shared"
	var settings []setting
	at := make(map[string]int)
	for _, s := range specs {
		for _, f := range s.fields {
			i, known := at[f.Name]
			if !known {
				at[f.Name] = len(settings)
				settings = append(settings, setting{s.owner, f})
				continue
			}
			first := &settings[i]
			first.field.Desc = cmp.Or(first.field.Desc, f.Desc)
			if first.group != s.owner {
				first.group = shared
			}
		}
	}
	slices.SortStableFunc(settings, func(a, b setting) int {
		if (a.group == shared) == (b.group == shared) {
			return 0 // by owner, as they came
		}
		if a.group == shared {
			return -1
		}
		return 1
	})
	return settings
}

// example writes one setting.
func (f field) example(b *strings.Builder) {
	b.WriteString("\n")
	if f.Desc != "" {
		first, size := utf8.DecodeRuneInString(f.Desc)
		comment(b, string(unicode.ToUpper(first))+strings.TrimSuffix(f.Desc[size:], ".")+".")
	}
	var rule string
	if f.Allowed != anyText {
		rule = " Allowed: " + f.Allowed + "."
	}
	if f.Required {
		rule = " Required." + rule
	}
	if rule != "" {
		comment(b, rule)
	}
	value := cmp.Or(f.Default, f.Example)
	if f.Secret {
		value = ""
	}
	fmt.Fprintf(b, "#%s=%s\n", f.Name, quote(value))
}

// comment writes text in lines of at most 80 bytes where its words allow it.
func comment(b *strings.Builder, text string) {
	const width = 80
	line := "#"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > width && line != "#" {
			b.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

// quote writes a value so that a .env parser gives it back.
func quote(value string) string {
	switch {
	case !strings.ContainsAny(value, " #$'\"\\\n\r\t"):
		return value
	case !strings.ContainsAny(value, "'\\"):
		return "'" + value + "'"
	default:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`, "\r", `\r`).Replace(value) + `"`
	}
}
