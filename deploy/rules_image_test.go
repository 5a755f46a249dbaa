package deploy_test

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ofGo are variables that the Go runtime reads, and no setting of the program.
var ofGo = []string{"GOMEMLIMIT"}

// named: every variable is a setting of the program.
func (s *stack) named(f *faults) {
	for name := range s.environment() {
		f.unless(slices.Contains(s.names, name) || slices.Contains(ofGo, name), "%s: is no setting of the program", name)
	}
	for name := range s.docker.image().env() {
		f.unless(s.variable(name) != nil, "%s: has a value for one container in the image, and none in the Deployment", name)
	}
}

// keepsSecrets: what is secret comes from the Secret, under its own name, and is nowhere else.
func (s *stack) keepsSecrets(f *faults) {
	used := map[string]bool{}
	for _, v := range s.container().Env {
		from := v.ValueFrom.Secret
		f.unless(v.secret() != (v.Value != ""), "%s: a value, or a secret", v.Name)
		f.unless(v.secret() || !hidden(v.Name) && v.Name != "DATABASE_URL", "%s: is written for all to read", v.Name)
		if v.secret() {
			used[v.Name] = true
			f.unless(from.Name == s.secret.Metadata.Name && from.Key == v.Name, "%s: comes from %s, key %s", v.Name, from.Name, from.Key)
		}
	}
	for key := range s.secret.Data {
		f.unless(used[key], "Secret: nobody asks for %s", key)
	}
	for name := range used {
		f.unless(s.secret.Data[name] != "", "Secret: has no %s", name)
	}
	for name := range s.docker.image().env() {
		f.unless(!hidden(name), "%s: is in the image for all to read", name)
	}
}

func hidden(name string) bool {
	return regexp.MustCompile(`TOKEN|SECRET|KEY|PASSWORD|CODE|USERNAME`).MatchString(name)
}

// builds: with the toolchain of go.mod, a static binary, the same each time.
func (d dockerfile) builds(f *faults, goVersion, program string) {
	build := d.build()
	version := regexp.MustCompile(`^golang:(\d+)\.(\d+)\.(\d+)-\w+$`).FindStringSubmatch(build.from)
	f.unless(version != nil, "image: %s is not pinned to a version of Go", build.from)
	if version != nil {
		wants := strings.Split(goVersion, ".")
		patch, _ := strconv.Atoi(version[3])
		least, _ := strconv.Atoi(wants[len(wants)-1])
		f.unless(version[1]+"."+version[2] == wants[0]+"."+wants[1] && patch >= least, "image: Go of %s, and go.mod wants %s", build.from, goVersion)
	}
	for _, part := range []string{" CGO_ENABLED=0 ", " -trimpath ", " -buildvcs=false ", ` -ldflags="-s -w" `, " " + program} {
		f.unless(strings.Contains(" "+build.compile(), part), "image: the build has no%s", part)
	}
	for _, stage := range d {
		f.unless(len(stage.all("ADD")) == 0, "image: ADD may fetch from anywhere")
	}
}

// runs: nothing but the program, as its own user, as process 1.
func (d dockerfile) runs(f *faults) {
	image := d.image()
	f.unless(image.from == "scratch", "image: %s may have a shell", image.from)
	f.unless(len(image.all("RUN")) == 0, "image: nothing can run while it is made")
	f.unless(len(image.all("VOLUME")) == 0, "image: a VOLUME hides that the mount is missing")
	user := image.one("USER").args
	f.unless(regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user), "image: USER %s is not a number above 0", user)
	entry := execForm(image.one("ENTRYPOINT").args)
	f.unless(len(entry) == 1 && path.IsAbs(entry[0]), "image: the ENTRYPOINT is not in exec form")
	f.unless(len(image.all("CMD")) == 0, "image: the program needs no arguments to serve")
	for _, i := range image.all("COPY") {
		f.unless(i.flags["from"] == "build", "image: COPY %s takes from the context", i.args)
	}
	f.unless(len(entry) == 1 && image.has(entry[0]), "image: has no %s", entry)
	f.unless(image.has("/etc/ssl/certs/ca-certificates.crt"), "image: has no certificates to know others by")
}

// has tells whether a COPY ends in that name.
func (s *stage) has(name string) bool {
	return slices.ContainsFunc(s.all("COPY"), func(i instruction) bool {
		return i.args[strings.LastIndex(i.args, " ")+1:] == name
	})
}

// lists: the kustomization has every manifest but the example, and an image that is pinned.
func (s *stack) lists(f *faults) {
	want := slices.DeleteFunc(slices.Clone(s.manifests), func(file string) bool {
		return file == "kustomization.yaml" || file == "secret.example.yaml"
	})
	f.unless(slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(s.kustomize.Resources))),
		"kustomization: lists %v of %v", s.kustomize.Resources, want)
	images := s.kustomize.Images
	f.unless(len(images) == 1 && images[0].Name == s.container().Image, "kustomization: names the image of the container")
	f.unless(len(images) == 1 && images[0].NewTag != "" && images[0].NewTag != "latest", "kustomization: the image is not pinned")
	for file, is := range map[string]bool{
		"kustomization": s.kustomize.APIVersion == "kustomize.config.k8s.io/v1beta1" && s.kustomize.Kind == "Kustomization",
		"Service":       s.service.what() == reference{"v1", "Service", s.container().Name},
		"budget":        s.budget.what() == reference{"policy/v1", "PodDisruptionBudget", s.container().Name},
		"autoscaler":    s.autoscaler.what() == reference{"autoscaling/v2", "HorizontalPodAutoscaler", s.container().Name},
		"Secret":        s.secret.what() == reference{"v1", "Secret", s.container().Name} && s.secret.Type == "Opaque",
	} {
		f.unless(is, "%s: is of another kind, or name", file)
	}
}
