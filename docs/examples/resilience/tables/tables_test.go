// Package tables_test holds the tables of docs/resilience/ against the code.
package tables_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/chaos"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/modules/shed"
)

const pages = "../../../resilience"

// configs are the settings that the pages are about.
func configs() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[circuitbreaker.Config](), reflect.TypeFor[retry.Config](), reflect.TypeFor[resilience.Config](),
		reflect.TypeFor[shed.Config](), reflect.TypeFor[chaos.Config](), reflect.TypeFor[interceptors.DeadlineConfig](),
	}
}

// defaults are the defaults of all settings, by their names.
func defaults() map[string]string {
	all := map[string]string{}
	for _, cfg := range configs() {
		for field := range cfg.Fields() {
			if name, ok := field.Tag.Lookup("envconfig"); ok {
				all[name] = field.Tag.Get("default")
			}
		}
	}
	return all
}

// A row that names a setting has its default in the column of that name.
func TestDefaults(t *testing.T) {
	t.Parallel()
	known, seen := defaults(), map[string]bool{}
	for page, text := range read(t) {
		column := -1
		for line := range strings.Lines(text) {
			cells := cells(line)
			if i := slices.Index(cells, "default"); i >= 0 || cells == nil {
				column = i // of the table that begins, or none
			}
			for _, name := range regexp.MustCompile("`([A-Z][A-Z_]+)`").FindAllStringSubmatch(line, -1) {
				want, ok := known[name[1]]
				if !ok || len(cells) <= column || column < 0 || !strings.Contains(cells[0]+cells[1], name[0]) {
					continue
				}
				got, _, _ := strings.Cut(strings.Trim(cells[column], "`"), ",")
				require.Equalf(t, want, got, "%s: %s", page, name[1])
				seen[name[1]] = true
			}
		}
	}
	for name := range known {
		if name != "APP_ENV" && name != "RESILIENCE" && name != "RETRY_USE_JITTER" {
			require.Truef(t, seen[name], "no page has a table with %s", name)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the table of overrides")

// The table of overrides is that of the code; -update writes it.
func TestOverrides(t *testing.T) {
	t.Parallel()
	const page, head = "overrides.md", "| setting | field | |\n|---|---|---|\n"
	table := head
	for _, s := range resilience.Settings() {
		note := s.Desc
		if s.AtStart {
			note += "; at start only"
		}
		table += fmt.Sprintf("| `%s` | `%s` | %s |\n", s.Name, s.Field, note)
	}
	text := read(t)[page]
	before, rest, found := strings.Cut(text, head)
	require.True(t, found)
	_, after, _ := strings.Cut(rest, "\n\n")
	want := before + table + "\n" + after
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(pages, page), []byte(want), 0o600))
		return
	}
	require.Equal(t, want, text, "run the test with -update")
}

func read(t *testing.T) map[string]string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(pages, "*.md"))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	texts := map[string]string{}
	for _, page := range found {
		text, err := os.ReadFile(page) //nolint:gosec // a page of this repository
		require.NoError(t, err)
		texts[filepath.Base(page)] = string(text)
	}
	return texts
}

// cells are those of a row of a table, or nil.
func cells(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") {
		return nil
	}
	all := strings.Split(strings.Trim(line, "|"), "|")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}
