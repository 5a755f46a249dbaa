package deploy_test

import (
	"crypto/sha256"
	"debug/elf"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The program as the Dockerfile builds it, from what .dockerignore lets through.
func TestBinary(t *testing.T) {
	t.Parallel()
	s := readStack(t)
	env := []string{"TARGETOS=linux", "TARGETARCH=" + runtime.GOARCH}
	binary := s.docker.compile(t, "ticketdesk", env...)

	t.Run("is static", func(t *testing.T) {
		t.Parallel()
		requireStatic(t, binary)
	})
	t.Run("is the same from another folder", func(t *testing.T) {
		t.Parallel()
		again := env
		if os.Getenv("PROVE") == "full" { //nolint:forbidigo // a test's own switch: from nothing takes minutes
			again = append(slices.Clone(env), "GOCACHE="+t.TempDir())
		}
		require.Equal(t, sum(t, binary), sum(t, s.docker.compile(t, "ticketdesk", again...)))
	})
	t.Run("runs in its container", func(t *testing.T) {
		t.Parallel()
		runInContainer(t, s, binary)
	})
	if runtime.GOOS != "linux" {
		return
	}
	t.Run("takes the settings of the Deployment", func(t *testing.T) {
		t.Parallel()
		code, out, stderr := command(t, s.environment(), binary, "config")
		require.Zero(t, code, stderr)
		require.Empty(t, stderr, "no name is unknown to it")
		require.Regexp(t, `DB_MAX_CONNECTIONS +8 +environment`, out)
		require.NotContains(t, out, "change-me", "secrets are masked")
	})
	t.Run("knows the command of the HEALTHCHECK", func(t *testing.T) {
		t.Parallel()
		args := s.docker.image().health()[1:]
		code, _, stderr := command(t, map[string]string{"ADMIN_ADDR": "127.0.0.1:1"}, binary, args...)
		require.Equal(t, 1, code, "nobody is ready there")
		require.Contains(t, stderr, "whether it is ready")
	})
}

func requireStatic(t *testing.T, binary string) {
	t.Helper()
	file, err := elf.Open(binary)
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // only read
	for _, prog := range file.Progs {
		require.NotContains(t, []elf.ProgType{elf.PT_INTERP, elf.PT_DYNAMIC}, prog.Type, "it needs a loader")
	}
	symbols, err := file.Symbols()
	require.ErrorIs(t, err, elf.ErrNoSymbols, "it has %d symbols for a debugger", len(symbols))
}

// compile runs the line of the Dockerfile that builds the program, on a copy of the context.
func (d dockerfile) compile(t *testing.T, program string, env ...string) (binary string) {
	t.Helper()
	source, out := t.TempDir(), t.TempDir()
	copyContext(t, source)
	line := strings.ReplaceAll(d.build().compile(), "/out/", out+"/made/")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line) //nolint:gosec // the line is ours
	cmd.Dir, cmd.Env = source, append(os.Environ(), env...)
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", line, text)
	return filepath.Join(out, "made", program)
}

func sum(t *testing.T, file string) [sha256.Size]byte {
	t.Helper()
	content, err := os.ReadFile(file) //nolint:gosec // made by the test
	require.NoError(t, err)
	return sha256.Sum256(content)
}

// command runs the program with nothing in its environment but vars.
func command(t *testing.T, vars map[string]string, binary string, args ...string) (code int, out, stderr string) {
	t.Helper()
	var stdout, errors strings.Builder
	cmd := exec.CommandContext(t.Context(), binary, args...) //nolint:gosec // the program is ours
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = t.TempDir(), pairs(vars), &stdout, &errors
	_ = cmd.Run() // its exit code tells
	return cmd.ProcessState.ExitCode(), stdout.String(), errors.String()
}

func pairs(vars map[string]string) []string {
	env := []string{} // not nil, which would be that of the test
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		env = append(env, name+"="+vars[name])
	}
	return env
}

// What reaches the build is the program, and none of what a developer has lying about.
func TestContext(t *testing.T) {
	t.Parallel()
	sent := ignoreFile(t)
	for _, name := range []string{"go.mod", "go.sum", "app/app.go", "cmd/ticketdesk/main.go", "modules/health/doc.go"} {
		require.Truef(t, sent(name), "%s is needed", name)
	}
	for _, name := range []string{
		".env", "app/.env", ".git/config", "bin/ticketdesk", "holdfast.db", "cmd/ticketdesk/holdfast.db-wal", "ticketdesk.env", "docs/README.md",
		"app/app_test.go", "app/testdata/golden.txt", "deploy/kubernetes/secret.yaml",
	} {
		require.Falsef(t, sent(name), "%s is not needed", name)
	}
}

// copyContext copies what a build is sent.
func copyContext(t *testing.T, into string) {
	t.Helper()
	const root = ".."
	sent := ignoreFile(t)
	require.NoError(t, filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || file == root {
			return err
		}
		name, err := filepath.Rel(root, file)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && !sent(filepath.ToSlash(name)):
			return fs.SkipDir // nothing in a folder comes back
		case entry.IsDir():
			return os.Mkdir(filepath.Join(into, name), 0o700)
		case !sent(filepath.ToSlash(name)):
			return nil
		}
		content, err := os.ReadFile(file) //nolint:gosec // our own source
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(into, name), content, 0o600) //nolint:gosec // a copy for a build
	}))
}

// ignoreFile reads .dockerignore, as far as ours goes: names at the root, and names at any depth. The last line that matches
// decides.
func ignoreFile(t *testing.T) (sent func(name string) bool) {
	t.Helper()
	patterns := find(t, "../.dockerignore", `(?m)^([^#\s].*)$`)
	return func(name string) bool {
		all := true
		for _, pattern := range patterns {
			pattern, back := strings.CutPrefix(pattern, "!")
			if matches(pattern, name) {
				all = back
			}
		}
		return all
	}
}

func matches(pattern, name string) bool {
	parts := strings.Split(name, "/")
	pattern, deep := strings.CutPrefix(pattern, "**/")
	if !deep {
		parts = parts[:1]
	}
	return slices.ContainsFunc(parts, func(part string) bool {
		is, err := path.Match(pattern, part)
		return is && err == nil
	})
}
