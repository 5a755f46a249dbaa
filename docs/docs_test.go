// Package docs_test keeps the guides honest: every Go block in README.md and docs/ compiles, every link has a target.
package docs_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = ".."

// A page that is followed in a folder of its own imports example.com; here that is a folder of examples.
const (
	elsewhere = "example.com/"
	here      = "github.com/holdfast-go/holdfast/docs/examples/"
)

// block is one fenced piece of Go in a page.
type block struct {
	page string
	line int
	code string
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

// whole says that the block is a file of its own rather than a piece of one.
func (b block) whole() bool {
	return regexp.MustCompile(`(?m)^package \w+$`).MatchString(b.code)
}

// A piece must stand word for word in a Go file of the repository, which is built, and tested, anyway. A whole file that
// does not is built here.
func TestEveryGoBlockCompiles(t *testing.T) {
	t.Parallel()
	sources := goSources(t)
	found := blocks(t)
	require.NotEmpty(t, found)
	var files []block
	for _, b := range found {
		known := strings.Contains(sources, squeeze(strings.ReplaceAll(b.code, elsewhere, here)))
		if !known {
			require.Truef(t, b.whole(), "%s: the block is neither a whole file nor a piece of one", b)
			files = append(files, b)
		}
	}
	build(t, files)
}

func TestEveryLinkHasATarget(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`)
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(prose(t, page), -1) {
			target := page
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(page), m[1])
			}
			require.FileExistsf(t, target, "%s links to it", page)
			if m[2] != "" {
				require.Containsf(t, headings(t, target), m[2], "%s links to this heading of %s", page, target)
			}
		}
	}
}

// headings are the names by which the headings of a page are linked to.
func headings(t *testing.T, page string) []string {
	t.Helper()
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(prose(t, page), -1) {
		name := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// prose is a page without its code.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page) //nolint:gosec // a page of this repository
	require.NoError(t, err)
	return regexp.MustCompile("(?ms)^```.*?^```$|^    [^\n]*$|`[^`\n]*`").ReplaceAllString(string(text), "")
}

// build compiles each file as a package of its own, laid over the tree, so that nothing is written into it.
func build(t *testing.T, files []block) {
	t.Helper()
	abs, err := filepath.Abs(root)
	require.NoError(t, err)
	dir, replace := t.TempDir(), map[string]string{}
	for i, b := range files {
		source := filepath.Join(dir, fmt.Sprintf("block%d.go", i))
		require.NoError(t, os.WriteFile(source, []byte(b.code), 0o600))
		replace[filepath.Join(abs, "docs", "blocks", fmt.Sprint(i), "main.go")] = source
	}
	overlay := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	for i, b := range files {
		//nolint:gosec // the arguments are made here
		cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", os.DevNull, fmt.Sprintf("./docs/blocks/%d", i))
		cmd.Dir = abs
		out, err := cmd.CombinedOutput()
		require.NoErrorf(t, err, "%s does not compile:\n%s", b, out)
	}
}

func blocks(t *testing.T) []block {
	t.Helper()
	var found []block
	for _, page := range pages(t) {
		text, err := os.ReadFile(page) //nolint:gosec // a page of this repository
		require.NoError(t, err)
		inside := false
		for i, line := range strings.Split(string(text), "\n") {
			switch {
			case !inside && strings.HasPrefix(line, "```go"):
				inside = true
				found = append(found, block{page: page, line: i + 1})
			case inside && line == "```":
				inside = false
			case inside:
				found[len(found)-1].code += line + "\n"
			}
		}
	}
	return found
}

func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	deeper, err := filepath.Glob(filepath.Join(root, "docs", "*", "*.md"))
	require.NoError(t, err)
	return slices.Concat(found, deeper, []string{filepath.Join(root, "README.md")})
}

// goSources is every Go file of the module in one text, white space squeezed.
func goSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // a file of this repository
		all.WriteString(squeeze(string(text)))
		return err
	}))
	return all.String()
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }
