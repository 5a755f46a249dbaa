package deploy_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEverythingFitsTogether(t *testing.T) {
	t.Parallel()
	require.Empty(t, readStack(t).check())
}

// Each rule finds what it is for.
func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	some := 1
	tests := map[string]struct {
		edit func(*stack)
		want string
	}{
		"grace below force":     {func(s *stack) { s.pod().GracePeriodSeconds = 69 }, "stop: killed after 1m9s"},
		"no grace":              {func(s *stack) { s.pod().GracePeriodSeconds = 0 }, "stop: killed after 0s"},
		"preStop":               {func(s *stack) { s.container().Lifecycle.PreStop.Sleep.Seconds = 10 }, "preStop 10s"},
		"longer force":          {func(s *stack) { s.add("SHUTDOWN_FORCE_TIMEOUT", "90s") }, "force 1m30s"},
		"force below waits":     {func(s *stack) { s.add("SHUTDOWN_DRAIN_TIMEOUT", "60s") }, "SHUTDOWN_FORCE_TIMEOUT"},
		"not graceful":          {func(s *stack) { s.add("SHUTDOWN_ENABLE_GRACEFUL", "false") }, "stop: it is graceful"},
		"fx first":              {func(s *stack) { s.stopTime = time.Minute }, "stop: fx has 1m0s"},
		"fx last":               {func(s *stack) { s.stopTime = 80 * time.Second }, "stop: fx has 1m20s"},
		"other signal":          {func(s *stack) { s.docker.image().set("STOPSIGNAL", "STOPSIGNAL SIGQUIT") }, "STOPSIGNAL"},
		"probe of no page":      {func(s *stack) { s.container().Liveness.HTTPGet.Path = "/healthz" }, "probe /livez: asks /healthz"},
		"probe of another page": {func(s *stack) { s.container().Liveness.HTTPGet.Path = "/readyz" }, "probe /livez: asks /readyz"},
		"probe of another port": {func(s *stack) { s.container().Readiness.HTTPGet.Port = "http" }, "probe /readyz: asks port http"},
		"probe without period":  {func(s *stack) { s.container().Startup.PeriodSeconds = 0 }, "probe /startupz: needs a period"},
		"probe in a hurry":      {func(s *stack) { s.container().Readiness.TimeoutSeconds = 1 }, "probe /readyz: gives up after 1s"},
		"slower checks":         {func(s *stack) { s.add("HEALTH_CHECK_TIMEOUT", "2s") }, "gives up after 2s, a check after 2s"},
		"readiness too late":    {func(s *stack) { s.container().Readiness.FailureThreshold = 4 }, "readiness: seen after 10s"},
		"shorter grace period":  {func(s *stack) { s.add("SHUTDOWN_HEALTH_GRACE_PERIOD", "4s") }, "readiness: seen after 4s"},
		"startup as in a plan":  {func(s *stack) { s.container().Startup.FailureThreshold = 30 }, "startup: killed after 58s"},
		"longer start":          {func(s *stack) { s.add("APP_START_TIMEOUT", "68s") }, "startup: killed after 1m8s"},
		"liveness too early":    {func(s *stack) { s.container().Liveness.FailureThreshold = 1 }, "liveness: restarts after 0s"},

		"health by a shell":     {checked("--timeout=6s --start-period=70s --retries=3 CMD /ticketdesk health"), "HEALTHCHECK: [] is not"},
		"health by curl":        {checked(`--timeout=6s --start-period=70s --retries=3 CMD ["curl", "localhost"]`), "HEALTHCHECK: [\"curl\""},
		"health, misspelt":      {checked(`--timeout=6s --start-period=70s --retries=3 CMD ["/ticketdesk", "heath"]`), "is not the program's own"},
		"health in a hurry":     {checked(`--timeout=5s --start-period=70s --retries=3 CMD ["/ticketdesk", "health"]`), "HEALTHCHECK: ends after 5s"},
		"health during a start": {checked(`--timeout=6s --start-period=60s --retries=3 CMD ["/ticketdesk", "health"]`), "HEALTHCHECK: counts after 1m0s"},
		"health once":           {checked(`--timeout=6s --start-period=70s --retries=1 CMD ["/ticketdesk", "health"]`), "HEALTHCHECK: one failure"},

		"other address":          {func(s *stack) { s.variable("HTTP_ADDR").Value = ":3001" }, "HTTP_ADDR: :3001 is not port http, 3000, in the container"},
		"loopback":               {func(s *stack) { s.variable("ADMIN_ADDR").Value = "127.0.0.1:9090" }, "ADMIN_ADDR: 127.0.0.1:9090 is not every"},
		"other port":             {func(s *stack) { s.container().Ports[1].ContainerPort = 9091 }, "EXPOSE: has not 9091"},
		"other name of a port":   {func(s *stack) { s.container().Ports[0].Name = "web" }, "is not port http, 0"},
		"other in the image":     {func(s *stack) { s.docker.image().set("ENV", "ENV HTTP_ADDR=:80 ADMIN_ADDR=:9090") }, "HTTP_ADDR: :80 is not port"},
		"one port more":          {func(s *stack) { s.docker.image().set("EXPOSE", "EXPOSE 3000 9090 22") }, "EXPOSE: both ports"},
		"service to admin":       {func(s *stack) { s.service.Spec.Ports[0].TargetPort = "admin" }, "Service: leads to"},
		"service to others":      {func(s *stack) { s.service.Spec.Selector = labels{"app": "ticketdesk"} }, "Service: selects"},
		"service to all":         {func(s *stack) { s.service.Spec.Selector = nil }, "Service: selects map[]"},
		"pods of another name":   {func(s *stack) { s.deployment.Spec.Template.Metadata.Labels = labels{"app": "x"} }, "Deployment: selects"},
		"budget of others":       {func(s *stack) { s.budget.Spec.Selector.MatchLabels = labels{"app": "x"} }, "PodDisruptionBudget: selects"},
		"spread of others":       {func(s *stack) { s.pod().Spread[0].LabelSelector.MatchLabels = nil }, "spread over kubernetes.io/hostname: selects"},
		"spread that forbids":    {func(s *stack) { s.pod().Spread[0].WhenUnsatisfiable = "DoNotSchedule" }, "spread over kubernetes.io/hostname: even"},
		"no spread":              {func(s *stack) { s.pod().Spread = nil }, "spread: two replicas"},
		"scales another":         {func(s *stack) { s.autoscaler.Spec.Target.Name = "desk" }, "HorizontalPodAutoscaler: scales"},
		"deployment, other name": {func(s *stack) { s.deployment.Metadata.Name = "desk" }, "Deployment: is {apps/v1 Deployment desk}"},

		"recreate":            {func(s *stack) { s.deployment.Spec.Strategy.Type = "Recreate" }, "Deployment: an old one leaves only"},
		"one away":            {func(s *stack) { s.deployment.Spec.Strategy.RollingUpdate.MaxUnavailable = &some }, "Deployment: an old one leaves only"},
		"away left out":       {func(s *stack) { s.deployment.Spec.Strategy.RollingUpdate.MaxUnavailable = nil }, "Deployment: an old one leaves only"},
		"fixed replicas":      {func(s *stack) { s.deployment.Spec.Replicas = &some }, "Deployment: a number of replicas"},
		"budget of both":      {func(s *stack) { s.budget.Spec.MinAvailable = 1 }, "PodDisruptionBudget: one of its two"},
		"budget of none":      {func(s *stack) { s.budget.Spec.MaxUnavailable = 0 }, "PodDisruptionBudget: one of its two"},
		"nobody may leave":    {func(s *stack) { s.budget.Spec.MaxUnavailable, s.budget.Spec.MinAvailable = 0, 2 }, "none may ever leave"},
		"all may leave":       {func(s *stack) { s.budget.Spec.MaxUnavailable = 2 }, "all 2 replicas may leave"},
		"the sick hold up":    {func(s *stack) { s.budget.Spec.UnhealthyPolicy = "" }, "holds up a node"},
		"one replica":         {func(s *stack) { s.autoscaler.Spec.Min = 1 }, "HorizontalPodAutoscaler: from 1 to 6"},
		"follows memory":      {func(s *stack) { s.autoscaler.Spec.Metrics[0].Resource.Name = "memory" }, "follows the processor"},
		"scales too late":     {func(s *stack) { s.autoscaler.Spec.Metrics[0].Resource.Target.Utilization = 95 }, "95 % leaves no room"},
		"down at once":        {func(s *stack) { s.autoscaler.Spec.Behavior.ScaleDown.WindowSeconds = 60 }, "down after 60 s"},
		"down faster":         {func(s *stack) { s.autoscaler.Spec.Behavior.ScaleDown.Policies[0].PeriodSeconds = 60 }, "one leaves at a time"},
		"many connections":    {func(s *stack) { s.variable("DB_MAX_CONNECTIONS").Value = "50" }, "DB_MAX_CONNECTIONS: 50 for each of 6"},
		"default connections": {func(s *stack) { s.variable("DB_MAX_CONNECTIONS").Value = "0" }, "DB_MAX_CONNECTIONS: 0"},
		"many replicas":       {func(s *stack) { s.autoscaler.Spec.Max = 7 }, "AUTOTASK_HOURLY_LIMIT: 1600 for each of 7"},
		"many threads":        {func(s *stack) { s.variable("AUTOTASK_THREAD_LIMIT").Value = "3" }, "AUTOTASK_THREAD_LIMIT: 3 for each"},
		"a file for several":  {func(s *stack) { s.secret.Data["DATABASE_URL"] = "file:/data/holdfast.db" }, "DATABASE_URL: several replicas"},
		"a file, no mount":    {func(s *stack) { s.secret.Data["DATABASE_URL"] = "file:/data/holdfast.db" }, "/data/holdfast.db cannot be written"},

		"as root":            {func(s *stack) { s.pod().Security.RunAsUser = 0 }, "restricted: runs as root"},
		"perhaps as root":    {func(s *stack) { s.pod().Security.RunAsNonRoot = false }, "restricted: runs as root"},
		"as another":         {func(s *stack) { s.pod().Security.RunAsUser = 1000 }, "restricted: runs as 1000:65532, and the image as 65532:65532"},
		"no seccomp":         {func(s *stack) { s.pod().Security.SeccompProfile.Type = "" }, "restricted: has no seccomp"},
		"may gain":           {func(s *stack) { s.container().Security.AllowPrivilegeEscalation = nil }, "restricted: may gain"},
		"keeps capabilities": {func(s *stack) { s.container().Security.Capabilities.Drop = nil }, "restricted: keeps capabilities"},
		"gets capabilities":  {func(s *stack) { s.container().Security.Capabilities.Add = []string{"NET_RAW"} }, "restricted: keeps capabilities"},
		"writable root":      {func(s *stack) { s.container().Security.ReadOnlyRoot = false }, "restricted: may write"},
		"token":              {func(s *stack) { s.pod().AutomountToken = nil }, "restricted: has a token"},
		"no /tmp":            {func(s *stack) { s.container().Mounts = nil }, "mount: /tmp cannot"},
		"read-only /tmp":     {func(s *stack) { s.container().Mounts[0].ReadOnly = true }, "mount: /tmp cannot"},
		"mount of nothing":   {func(s *stack) { s.container().Mounts[0].Name = "temp" }, "there is no volume temp"},
		"/tmp without bound": {func(s *stack) { s.pod().Volumes[0].EmptyDir.SizeLimit = "" }, "no volume tmp with a bound"},
		"no share":           {func(s *stack) { delete(s.container().Resources.Requests, "cpu") }, "the autoscaler needs a request"},
		"held back":          {func(s *stack) { s.container().Resources.Limits["cpu"] = "1" }, "holds requests back"},
		"no bound of memory": {func(s *stack) { delete(s.container().Resources.Limits, "memory") }, "resources: memory from 128 to 0"},
		"GOMEMLIMIT at it":   {func(s *stack) { s.variable("GOMEMLIMIT").Value = "256MiB" }, "GOMEMLIMIT: 256 MiB of 256"},
		"GOMEMLIMIT in Mi":   {func(s *stack) { s.variable("GOMEMLIMIT").Value = "230M" }, "GOMEMLIMIT: 0 MiB"},
		"no GOMEMLIMIT":      {func(s *stack) { s.variable("GOMEMLIMIT").Name = "LOG_LEVEL" }, "GOMEMLIMIT: 0 MiB"},

		"misspelt":                {func(s *stack) { s.variable("DB_MIGRATE").Name = "DB_MIGRATION_MODE" }, "DB_MIGRATION_MODE: is no setting"},
		"misspelt in the image":   {func(s *stack) { s.docker.image().set("ENV", "ENV HTTP_PORT=:3000") }, "HTTP_PORT: is no setting"},
		"left to the image":       {func(s *stack) { s.variable("DATABASE_URL").Name = "LOG_LEVEL" }, "DATABASE_URL: has a value for one container"},
		"secret in the open":      {inTheOpen, "ADMIN_TOKEN: is written for all"},
		"value and secret":        {func(s *stack) { s.variable("ADMIN_TOKEN").Value = "x" }, "ADMIN_TOKEN: a value, or a secret"},
		"other key":               {func(s *stack) { s.variable("ADMIN_TOKEN").ValueFrom.Secret.Key = "AUTOTASK_SECRET" }, "ADMIN_TOKEN: comes from"},
		"other secret":            {func(s *stack) { s.variable("ADMIN_TOKEN").ValueFrom.Secret.Name = "desk" }, "ADMIN_TOKEN: comes from desk"},
		"secret of nobody":        {func(s *stack) { s.secret.Data["LOG_LEVEL"] = "debug" }, "Secret: nobody asks for LOG_LEVEL"},
		"secret of the image":     {func(s *stack) { s.docker.image().set("ENV", "ENV ADMIN_TOKEN=x") }, "ADMIN_TOKEN: is in the image"},
		"secret that is missing":  {func(s *stack) { delete(s.secret.Data, "TICKETDESK_API_KEYS") }, "Secret: has no TICKETDESK_API_KEYS"},
		"settings that are wrong": {func(s *stack) { delete(s.secret.Data, "ADMIN_TOKEN") }, "settings: the program refuses them"},

		"older Go":          {func(s *stack) { s.docker[0].from = "golang:1.25.9-trixie" }, "image: Go of golang:1.25.9-trixie"},
		"newer go.mod":      {func(s *stack) { s.goVersion = "1.27.0" }, "and go.mod wants 1.27.0"},
		"newer patch":       {func(s *stack) { s.goVersion = "1.26.99" }, "and go.mod wants 1.26.99"},
		"any Go":            {func(s *stack) { s.docker[0].from = "golang:latest" }, "golang:latest is not pinned"},
		"needs libc":        {compile("CGO_ENABLED=0 ", ""), "image: the build has no CGO_ENABLED=0"},
		"paths of the host": {compile("-trimpath ", ""), "image: the build has no -trimpath"},
		"state of git":      {compile("-buildvcs=false", "-buildvcs=auto"), "image: the build has no -buildvcs=false"},
		"another program":   {compile("./cmd/ticketdesk", "./cmd/autotasksim"), "image: the build has no ./cmd/ticketdesk"},
		"from the net":      {func(s *stack) { s.docker.image().set("ADD", "ADD https://example.com/x /x") }, "image: ADD may fetch"},
		"a base":            {func(s *stack) { s.docker.image().from = "alpine:3.23" }, "image: alpine:3.23 may have a shell"},
		"RUN":               {func(s *stack) { s.docker.image().set("RUN", "RUN true") }, "image: nothing can run"},
		"VOLUME":            {func(s *stack) { s.docker.image().set("VOLUME", "VOLUME /data") }, "image: a VOLUME hides"},
		"USER by name":      {func(s *stack) { s.docker.image().set("USER", "USER nonroot") }, "image: USER nonroot"},
		"USER root":         {func(s *stack) { s.docker.image().set("USER", "USER 0:0") }, "image: USER 0:0"},
		"shell form":        {func(s *stack) { s.docker.image().set("ENTRYPOINT", "ENTRYPOINT /ticketdesk") }, "image: the ENTRYPOINT is not"},
		"CMD":               {func(s *stack) { s.docker.image().set("CMD", "CMD serve") }, "image: the program needs no arguments"},
		"of the context":    {func(s *stack) { s.docker.image().set("COPY", "COPY .env /.env") }, "image: COPY .env /.env takes"},
		"no certificates":   {lacks("ca-certificates.crt"), "image: has no certificates"},
		"no folder for all": {lacks("/tmp"), "image: has no /tmp"},
		"other binary":      {func(s *stack) { s.docker.image().set("ENTRYPOINT", `ENTRYPOINT ["/desk"]`) }, "image: has no [/desk]"},
		"/data of root":     {unowned, "image: /data is not the user's"},
		"database at /":     {func(s *stack) { s.docker.image().set("ENV", "ENV DATABASE_URL=file:/holdfast.db") }, "/holdfast.db is not in /data"},

		"forgotten":        {func(s *stack) { s.kustomize.Resources = s.kustomize.Resources[1:] }, "kustomization: lists"},
		"the example too":  {func(s *stack) { s.kustomize.Resources = append(s.kustomize.Resources, "secret.example.yaml") }, "kustomization: lists"},
		"latest":           {func(s *stack) { s.kustomize.Images[0].NewTag = "latest" }, "kustomization: the image is not pinned"},
		"another image":    {func(s *stack) { s.container().Image = "desk" }, "kustomization: names the image"},
		"old autoscaler":   {func(s *stack) { s.autoscaler.APIVersion = "autoscaling/v1" }, "autoscaler: is of another kind"},
		"budget, misnamed": {func(s *stack) { s.budget.Metadata.Name = "desk" }, "budget: is of another kind"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := readStack(t)
			test.edit(s)
			require.Contains(t, s.check(), test.want)
		})
	}
}

// add sets a variable of the container.
func (s *stack) add(name, value string) {
	s.container().Env = append(s.container().Env, variable{Name: name, Value: value})
}

func checked(line string) func(*stack) {
	return func(s *stack) { s.docker.image().set("HEALTHCHECK", "HEALTHCHECK "+line) }
}

// compile changes the line that builds the program.
func compile(from, to string) func(*stack) {
	return func(s *stack) { replaceIn(s.docker, from, to) }
}

// lacks takes out of the image what ends in a name.
func lacks(name string) func(*stack) {
	return func(s *stack) {
		image := s.docker.image()
		image.lines = slices.DeleteFunc(image.lines, func(i instruction) bool { return i.name == "COPY" && strings.HasSuffix(i.args, name) })
	}
}

func inTheOpen(s *stack) {
	s.variable("ADMIN_TOKEN").ValueFrom.Secret.Name = ""
	s.variable("ADMIN_TOKEN").Value = "x"
}

func unowned(s *stack) {
	for _, i := range s.docker.image().all("COPY") {
		delete(i.flags, "chown")
	}
}

// The page tells the times that hold.
func TestReadmeTellsTheTimes(t *testing.T) {
	t.Parallel()
	told := find(t, "README.md", `--stop-timeout (\d+)`)
	for _, limit := range told {
		require.Equal(t, strconv.Itoa(readStack(t).pod().GracePeriodSeconds), limit)
	}
}
