package deploy_test

import (
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/shutdown"
)

// simulatorImage is what has to fit together for autotasksim, which runs by itself.
type simulatorImage struct {
	docker    dockerfile
	goVersion string
}

func readSimulatorImage(t *testing.T) *simulatorImage {
	t.Helper()
	return &simulatorImage{
		docker:    readDockerfile(t, "autotasksim.Dockerfile"),
		goVersion: find(t, "../go.mod", `(?m)^go (\S+)$`)[0],
	}
}

// check applies every rule, and tells what is wrong, a line for each.
func (s *simulatorImage) check() string {
	var f faults
	s.docker.builds(&f, s.goVersion, "./cmd/autotasksim")
	s.docker.runs(&f)
	s.listens(&f)
	s.stops(&f)
	s.names(&f)
	return strings.Join(f, "\n")
}

// load is what the program makes of the environment of the image.
func (s *simulatorImage) load(f *faults) (sim simulator.Config, stop shutdown.Config) {
	values, err := config.Load(config.Environment{Vars: s.docker.image().env()}, config.SpecOf[simulator.Config](), config.SpecOf[shutdown.Config]())
	f.unless(err == nil, "settings: the program refuses them: %v", err)
	if err == nil {
		fill(values, &sim, &err)
		fill(values, &stop, &err)
	}
	return sim, stop
}

// listens: on every address, on the port that is exposed, and on no other.
func (s *simulatorImage) listens(f *faults) {
	sim, _ := s.load(f)
	host, port, err := net.SplitHostPort(sim.Addr)
	f.unless(err == nil && host == "0.0.0.0", "AUTOTASK_SIMULATOR_ADDR: %s is not every address", sim.Addr)
	exposed := s.docker.image().one("EXPOSE").args
	f.unless(port == exposed, "EXPOSE: %s, and it listens on %s", exposed, port)
	f.unless(len(sim.Zones) == 1, "zones: the image has a port for one of %v", sim.Zones)
}

// stops: Docker by itself kills after 10 s.
func (s *simulatorImage) stops(f *faults) {
	_, stop := s.load(f)
	f.unless(s.docker.image().one("STOPSIGNAL").args == "SIGTERM", "stop: STOPSIGNAL is what the program takes for a stop, SIGTERM")
	f.unless(stop.HealthGracePeriod < time.Second, "stop: it serves on for %s, and is killed after 10s", stop.HealthGracePeriod)
}

// names: every variable is a setting of the program, and none is a secret.
func (s *simulatorImage) names(f *faults) {
	var known []string
	for _, spec := range []config.Spec{config.SpecOf[simulator.Config](), config.SpecOf[shutdown.Config]()} {
		for _, field := range spec.Fields() {
			known = append(known, field.Name)
		}
	}
	for name := range s.docker.image().env() {
		f.unless(slices.Contains(known, name), "%s: is no setting of the program", name)
		f.unless(!hidden(name), "%s: is in the image for all to read", name)
	}
	f.unless(len(s.docker.image().all("HEALTHCHECK")) == 0, "HEALTHCHECK: the program has no such command")
}

func TestSimulatorImageFitsTogether(t *testing.T) {
	t.Parallel()
	require.Empty(t, readSimulatorImage(t).check())
}

// Each rule finds what it is for.
func TestFaultsOfTheSimulatorImageAreFound(t *testing.T) {
	t.Parallel()
	set := func(name, args string) func(*simulatorImage) {
		return func(s *simulatorImage) { s.docker.image().set(name, name+" "+args) }
	}
	tests := map[string]struct {
		edit func(*simulatorImage)
		want string
	}{
		"another program":  {func(s *simulatorImage) { replaceIn(s.docker, "./cmd/autotasksim", "./cmd/ticketdesk") }, "the build has no ./cmd/autotasksim"},
		"needs libc":       {func(s *simulatorImage) { replaceIn(s.docker, "CGO_ENABLED=0 ", "") }, "the build has no CGO_ENABLED=0"},
		"older Go":         {func(s *simulatorImage) { s.docker[0].from = "golang:1.25.9-trixie" }, "image: Go of golang:1.25.9-trixie"},
		"any Go":           {func(s *simulatorImage) { s.docker[0].from = "golang:latest" }, "is not pinned"},
		"a base":           {func(s *simulatorImage) { s.docker.image().from = "alpine:3.23" }, "may have a shell"},
		"as root":          {set("USER", "0:0"), "image: USER 0:0"},
		"shell form":       {set("ENTRYPOINT", "/autotasksim"), "image: the ENTRYPOINT is not"},
		"other binary":     {set("ENTRYPOINT", `["/sim"]`), "image: has no [/sim]"},
		"other port":       {set("EXPOSE", "8080"), "EXPOSE: 8080, and it listens on 4480"},
		"loopback":         {set("ENV", "AUTOTASK_SIMULATOR_ADDR=127.0.0.1:4480"), "127.0.0.1:4480 is not every address"},
		"address left out": {set("ENV", "SHUTDOWN_HEALTH_GRACE_PERIOD=0"), "127.0.0.1:4480 is not every address"},
		"many zones":       {set("ENV", "AUTOTASK_SIMULATOR_ADDR=0.0.0.0:4480 AUTOTASK_SIMULATOR_ZONES=5,14"), "a port for one of [5 14]"},
		"slow to stop":     {set("ENV", "AUTOTASK_SIMULATOR_ADDR=0.0.0.0:4480"), "stop: it serves on for 10s"},
		"other signal":     {set("STOPSIGNAL", "SIGQUIT"), "stop: STOPSIGNAL"},
		"misspelt":         {set("ENV", "AUTOTASK_SIMULATOR_TICKET=5"), "settings: the program refuses them"},
		"no setting":       {set("ENV", "LANG=C"), "LANG: is no setting"},
		"secret":           {set("ENV", "AUTOTASK_SIMULATOR_SECRET=x"), "AUTOTASK_SIMULATOR_SECRET: is in the image"},
		"health by itself": {set("HEALTHCHECK", `CMD ["/autotasksim", "health"]`), "HEALTHCHECK: the program has no"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := readSimulatorImage(t)
			test.edit(s)
			require.Contains(t, s.check(), test.want)
		})
	}
}

// replaceIn changes the lines that build a program.
func replaceIn(d dockerfile, from, to string) {
	for i := range d[0].lines {
		d[0].lines[i].args = strings.ReplaceAll(d[0].lines[i].args, from, to)
	}
}

// The program as its Dockerfile builds it, from what .dockerignore lets through.
func TestSimulatorBinary(t *testing.T) {
	t.Parallel()
	docker := readDockerfile(t, "autotasksim.Dockerfile")
	binary := docker.compile(t, "autotasksim", "TARGETOS=linux", "TARGETARCH="+runtime.GOARCH)
	t.Run("is static", func(t *testing.T) {
		t.Parallel()
		requireStatic(t, binary)
	})
	t.Run("runs in its container", func(t *testing.T) {
		t.Parallel()
		runSimulator(t, docker.image(), binary)
	})
}
