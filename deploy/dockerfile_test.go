package deploy_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dockerfile is a Dockerfile by its stages.
type dockerfile []stage

type stage struct {
	from  string // the image
	lines []instruction
}

type instruction struct {
	name  string            // RUN, COPY …
	flags map[string]string // --from=build is "from": "build"
	args  string            // the rest
}

func readDockerfile(t *testing.T, file string) (d dockerfile) {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // our own
	require.NoError(t, err)
	for _, line := range joined(string(text)) {
		i := parseInstruction(line)
		if i.name == "FROM" {
			image, _, _ := strings.Cut(i.args, " ")
			d = append(d, stage{from: image})
			continue
		}
		require.NotEmpty(t, d, "an instruction before the first FROM: %s", line)
		last := &d[len(d)-1]
		last.lines = append(last.lines, i)
	}
	require.Len(t, d, 2, "a stage that builds, and the image")
	return d
}

// joined are the lines without comments, those that end in a backslash put together with the next one.
func joined(text string) []string {
	text = regexp.MustCompile(`(?m)^\s*#.*\n|^\s*\n`).ReplaceAllString(text, "")
	text = regexp.MustCompile(`\\\n\s*`).ReplaceAllString(text, "")
	return strings.Split(strings.TrimSpace(text), "\n")
}

func parseInstruction(line string) instruction {
	name, rest, _ := strings.Cut(line, " ")
	i := instruction{name: name, flags: map[string]string{}}
	for i.args = rest; strings.HasPrefix(i.args, "--"); {
		var flag string
		flag, i.args, _ = strings.Cut(i.args, " ")
		key, value, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		i.flags[key] = value
	}
	return i
}

func (d dockerfile) build() *stage { return &d[0] }

// image is the stage that is run.
func (d dockerfile) image() *stage { return &d[len(d)-1] }

// all are the instructions of a name.
func (s *stage) all(name string) (found []instruction) {
	for _, i := range s.lines {
		if i.name == name {
			found = append(found, i)
		}
	}
	return found
}

// one is the only instruction of a name; where there is none, or more, it is empty.
func (s *stage) one(name string) instruction {
	if found := s.all(name); len(found) == 1 {
		return found[0]
	}
	return instruction{}
}

// set changes the only instruction of a name, or adds one.
func (s *stage) set(name, line string) {
	for n := range s.lines {
		if s.lines[n].name == name {
			s.lines[n] = parseInstruction(line)
			return
		}
	}
	s.lines = append(s.lines, parseInstruction(line))
}

// env is what ENV sets.
func (s *stage) env() map[string]string {
	env := map[string]string{}
	for _, i := range s.all("ENV") {
		for pair := range strings.FieldsSeq(i.args) {
			name, value, _ := strings.Cut(pair, "=")
			env[name] = value
		}
	}
	return env
}

// execForm is a command in exec form; nil where it is none, but a line for a shell.
func execForm(args string) (command []string) {
	if json.Unmarshal([]byte(strings.TrimSpace(args)), &command) != nil {
		return nil
	}
	return command
}

// health is the command of the HEALTHCHECK, in exec form.
func (s *stage) health() []string {
	line, _ := strings.CutPrefix(s.one("HEALTHCHECK").args, "CMD ")
	return execForm(line)
}

// compile is the shell line that builds the program.
func (s *stage) compile() string {
	for _, run := range s.all("RUN") {
		if strings.Contains(run.args, "go build ") {
			return run.args
		}
	}
	return ""
}
