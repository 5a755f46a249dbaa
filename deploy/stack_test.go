package deploy_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/health"
	"github.com/holdfast-go/holdfast/shutdown"
)

// stack is everything that has to fit together.
type stack struct {
	docker     dockerfile
	deployment deployment
	service    service
	budget     budget
	autoscaler autoscaler
	secret     secret
	kustomize  kustomization
	manifests  []string      // the files in kubernetes
	names      []string      // of all settings of the program
	goVersion  string        // of go.mod
	stopTime   time.Duration // that fx has for a stop
}

func readStack(t *testing.T) *stack {
	t.Helper()
	files, err := filepath.Glob("kubernetes/*")
	require.NoError(t, err)
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	s := &stack{
		docker:     readDockerfile(t, "Dockerfile"),
		deployment: read[deployment](t, "deployment.yaml"),
		service:    read[service](t, "service.yaml"),
		budget:     read[budget](t, "poddisruptionbudget.yaml"),
		autoscaler: read[autoscaler](t, "horizontalpodautoscaler.yaml"),
		secret:     read[secret](t, "secret.example.yaml"),
		kustomize:  read[kustomization](t, "kustomization.yaml"),
		manifests:  files,
		names:      find(t, "../.env.example", `(?m)^#?([A-Z][A-Z0-9_]*)=`), // a test of the program keeps it complete
		goVersion:  find(t, "../go.mod", `(?m)^go (\S+)$`)[0],
	}
	a, err := app.New("stack", app.WithEnvironment(config.Environment{}))
	require.NoError(t, err)
	s.stopTime = a.StopTimeout()
	require.Len(t, s.deployment.Spec.Template.Spec.Containers, 1)
	return s
}

// find is what the group of a pattern matches in a file, each time.
func find(t *testing.T, file, pattern string) (found []string) {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // our own
	require.NoError(t, err)
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
	}
	require.NotEmpty(t, found, "%s has nothing like %s", file, pattern)
	return found
}

func (s *stack) pod() *pod { return &s.deployment.Spec.Template.Spec }

func (s *stack) container() *container { return &s.pod().Containers[0] }

// variable is a variable of the container, to be changed; nil where there is none.
func (s *stack) variable(name string) *variable {
	env := s.container().Env
	if i := slices.IndexFunc(env, func(v variable) bool { return v.Name == name }); i >= 0 {
		return &env[i]
	}
	return nil
}

// port is the number that the container has under a name; 0 where there is none.
func (s *stack) port(name string) int {
	for _, p := range s.container().Ports {
		if p.Name == name {
			return p.ContainerPort
		}
	}
	return 0
}

// environment is that of the container: what the image sets, what the Deployment does, and what the Secret holds.
func (s *stack) environment() map[string]string {
	env := maps.Clone(s.docker.image().env())
	for _, v := range s.container().Env {
		env[v.Name] = v.Value
		if v.secret() {
			env[v.Name] = s.secret.Data[v.ValueFrom.Secret.Key]
		}
	}
	return env
}

// settings is what the program makes of an environment.
type settings struct {
	app      app.Config
	stop     shutdown.Config
	health   health.Config
	database database.Config
	autotask autotask.Config
}

// settings is what the program makes of the environment of the container.
func (s *stack) settings() (got settings, err error) {
	values, err := config.Load(config.Environment{Vars: s.environment()}, config.SpecOf[app.Config](), config.SpecOf[shutdown.Config](),
		config.SpecOf[health.Config](), config.SpecOf[database.Config](), config.SpecOf[autotask.Config]())
	if err != nil {
		return got, err
	}
	fill(values, &got.app, &err)
	fill(values, &got.stop, &err)
	fill(values, &got.health, &err)
	fill(values, &got.database, &err)
	fill(values, &got.autotask, &err)
	return got, err
}

func fill[T any](values *config.Values, into *T, err *error) {
	if *err == nil {
		*into, *err = config.Get[T](values)
	}
}

// faults are what is wrong, a sentence for each.
type faults []string

func (f *faults) unless(fine bool, format string, args ...any) {
	if !fine {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}
