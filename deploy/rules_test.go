package deploy_test

import (
	"net"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/health"
)

// room is what is left between two times of which one must not reach the other.
const room = 10 * time.Second

// check applies every rule, and tells what is wrong, a line for each.
func (s *stack) check() string {
	var f faults
	set, err := s.settings()
	f.unless(err == nil, "settings: the program refuses them: %v", err)
	if err != nil {
		return f[0]
	}
	s.stops(&f, set)
	s.probes(&f, set)
	s.checksHealth(&f, set)
	s.listens(&f, set)
	s.finds(&f)
	s.rolls(&f)
	s.scales(&f)
	s.shares(&f, set)
	s.restricted(&f)
	s.writes(&f, set)
	s.limits(&f)
	s.named(&f)
	s.keepsSecrets(&f)
	s.docker.builds(&f, s.goVersion, "./cmd/ticketdesk")
	s.docker.runs(&f)
	f.unless(s.docker.image().has("/tmp"), "image: has no /tmp for those who mount none")
	s.lists(&f)
	return strings.Join(f, "\n")
}

// stops: each clock has room before the next one that would cut it short.
func (s *stack) stops(f *faults, set settings) {
	pod, stop := s.pod(), set.stop
	waits := stop.HealthGracePeriod + stop.DrainTimeout + stop.CancelGrace
	f.unless(stop.EnableGraceful, "stop: it is graceful")
	f.unless(stop.ForceTimeout > waits, "stop: forced after %s, when it may still wait for its callers, %s", stop.ForceTimeout, waits)
	before := seconds(s.container().Lifecycle.PreStop.Sleep.Seconds)
	killed := seconds(pod.GracePeriodSeconds)
	f.unless(killed >= before+stop.ForceTimeout+room,
		"stop: killed after %s, which is less than preStop %s, force %s and %s of room", killed, before, stop.ForceTimeout, room)
	f.unless(s.stopTime > stop.ForceTimeout && killed > before+s.stopTime, "stop: fx has %s", s.stopTime)
	f.unless(s.docker.image().one("STOPSIGNAL").args == "SIGTERM", "stop: STOPSIGNAL is what the program takes for a stop, SIGTERM")
}

// probes: each asks a page of the admin port that there is, and has the patience that the program needs.
func (s *stack) probes(f *faults, set settings) {
	c := s.container()
	for name, p := range map[string]probe{"/startupz": c.Startup, "/readyz": c.Readiness, "/livez": c.Liveness} {
		f.unless(p.HTTPGet.Path == name && slices.Contains(health.Paths(), name), "probe %s: asks %s", name, p.HTTPGet.Path)
		f.unless(p.HTTPGet.Port == "admin", "probe %s: asks port %s, and only admin answers to the end", name, p.HTTPGet.Port)
		f.unless(p.PeriodSeconds > 0 && p.FailureThreshold > 0, "probe %s: needs a period and a threshold", name)
		f.unless(p.timeout() > set.health.CheckTimeout, "probe %s: gives up after %s, a check after %s", name, p.timeout(), set.health.CheckTimeout)
	}
	out := c.Readiness.notice()
	f.unless(out < set.stop.HealthGracePeriod, "readiness: seen after %s, and requests are served for %s", out, set.stop.HealthGracePeriod)
	start := c.Startup.patience()
	f.unless(start > set.app.StartTimeout, "startup: killed after %s, and a start may take %s", start, set.app.StartTimeout)
	f.unless(c.Liveness.patience() > out, "liveness: restarts after %s, when readiness may not have taken it out (%s)", c.Liveness.patience(), out)
}

// checksHealth: the image asks the program itself, and waits for the answer.
func (s *stack) checksHealth(f *faults, set settings) {
	image := s.docker.image()
	flags := image.one("HEALTHCHECK").flags
	command, entry := image.health(), execForm(image.one("ENTRYPOINT").args)
	f.unless(len(entry) == 1 && slices.Equal(command, []string{entry[0], "health"}), "HEALTHCHECK: %q is not the program's own", command)
	gone, _ := time.ParseDuration(flags["timeout"])
	f.unless(gone > 5*time.Second, "HEALTHCHECK: ends after %s, and the program gives up after 5 s", gone)
	start, _ := time.ParseDuration(flags["start-period"])
	f.unless(start > set.app.StartTimeout, "HEALTHCHECK: counts after %s, and a start may take %s", start, set.app.StartTimeout)
	retries, _ := strconv.Atoi(flags["retries"])
	f.unless(retries >= 2, "HEALTHCHECK: one failure is no illness")
}

// listens: the addresses, the ports and what leads to them are the same numbers, in the image and in the Deployment.
func (s *stack) listens(f *faults, set settings) {
	image := s.docker.image()
	exposed := strings.Fields(image.one("EXPOSE").args)
	for name, setting := range map[string]string{"http": "HTTP_ADDR", "admin": "ADMIN_ADDR"} {
		inManifest := set.app.HTTPAddr
		if name == "admin" {
			inManifest = set.app.AdminAddr
		}
		number := strconv.Itoa(s.port(name))
		for place, address := range map[string]string{"the image": image.env()[setting], "the container": inManifest} {
			host, port, err := net.SplitHostPort(address)
			f.unless(err == nil && host == "", "%s: %s is not every address, in %s", setting, address, place)
			f.unless(port == number, "%s: %s is not port %s, %s, in %s", setting, address, name, number, place)
		}
		f.unless(slices.Contains(exposed, number), "EXPOSE: has not %s, port %s", number, name)
	}
	f.unless(len(exposed) == 2, "EXPOSE: both ports and no other")
	ports := s.service.Spec.Ports
	f.unless(len(ports) == 1 && ports[0].TargetPort == "http", "Service: leads to port http and no other")
}

// finds: who looks for the pods finds them.
func (s *stack) finds(f *faults) {
	own := s.deployment.Spec.Template.Metadata.Labels
	for who, selects := range map[string]labels{
		"Deployment": s.deployment.Spec.Selector.MatchLabels, "Service": s.service.Spec.Selector, "PodDisruptionBudget": s.budget.Spec.Selector.MatchLabels,
	} {
		f.unless(selects.within(own), "%s: selects %v, and the pods have %v", who, selects, own)
	}
	keys := map[string]bool{}
	for _, over := range s.pod().Spread {
		f.unless(over.LabelSelector.MatchLabels.within(own), "spread over %s: selects %v", over.TopologyKey, over.LabelSelector.MatchLabels)
		f.unless(over.MaxSkew == 1 && over.WhenUnsatisfiable == "ScheduleAnyway", "spread over %s: even, and no reason not to run", over.TopologyKey)
		keys[over.TopologyKey] = true
	}
	f.unless(keys["kubernetes.io/hostname"], "spread: two replicas on one node go together")
	f.unless(s.autoscaler.Spec.Target == s.deployment.what(), "HorizontalPodAutoscaler: scales %v", s.autoscaler.Spec.Target)
	f.unless(s.deployment.what() == reference{"apps/v1", "Deployment", s.service.Metadata.Name}, "Deployment: is %v", s.deployment.what())
}

// rolls: a new version never takes from what serves, nor does an emptied node take all of it.
func (s *stack) rolls(f *faults) {
	spec, budget, least := s.deployment.Spec, s.budget.Spec, s.autoscaler.Spec.Min
	away := spec.Strategy.RollingUpdate.MaxUnavailable
	f.unless(spec.Strategy.Type == "RollingUpdate" && away != nil && *away == 0 && spec.Strategy.RollingUpdate.MaxSurge > 0,
		"Deployment: an old one leaves only when a new one is ready")
	f.unless(spec.Replicas == nil, "Deployment: a number of replicas undoes the autoscaler's at each apply")
	f.unless((budget.MinAvailable == 0) != (budget.MaxUnavailable == 0), "PodDisruptionBudget: one of its two numbers")
	f.unless(budget.MinAvailable < least, "PodDisruptionBudget: with %d replicas none may ever leave", least)
	f.unless(budget.MaxUnavailable < least, "PodDisruptionBudget: all %d replicas may leave at once", least)
	f.unless(budget.UnhealthyPolicy == "AlwaysAllow", "PodDisruptionBudget: a pod that is not ready holds up a node")
}

// scales: never one replica alone, and down slowly enough for a stop.
func (s *stack) scales(f *faults) {
	spec, killed := s.autoscaler.Spec, s.pod().GracePeriodSeconds
	f.unless(spec.Min >= 2 && spec.Max >= spec.Min, "HorizontalPodAutoscaler: from %d to %d", spec.Min, spec.Max)
	f.unless(len(spec.Metrics) == 1 && spec.Metrics[0].Type == "Resource" && spec.Metrics[0].Resource.Name == "cpu" &&
		spec.Metrics[0].Resource.Target.Type == "Utilization", "HorizontalPodAutoscaler: follows the processor")
	used := spec.Metrics[0].Resource.Target.Utilization
	f.unless(used >= 50 && used <= 85, "HorizontalPodAutoscaler: %d %% leaves no room for the time that one more takes", used)
	down := spec.Behavior.ScaleDown
	f.unless(down.WindowSeconds > killed, "HorizontalPodAutoscaler: down after %d s, while the last one may still be leaving", down.WindowSeconds)
	f.unless(len(down.Policies) == 1 && down.Policies[0].Type == "Pods" && down.Policies[0].Value == 1 && down.Policies[0].PeriodSeconds > killed,
		"HorizontalPodAutoscaler: one leaves at a time")
}

// shares: what all replicas have in common is enough for all of them. While versions change there may be twice as many, those
// of one version at work and those of the other on their way out.
func (s *stack) shares(f *faults, set settings) {
	const (
		connections = 97    // of a Postgres as it comes: max_connections 100, 3 of them reserved
		hourly      = 10000 // requests that Autotask takes from a tenant in an hour
		threads     = 3     // requests at once that it takes for one entity
	)
	least, most := s.autoscaler.Spec.Min, s.autoscaler.Spec.Max
	open := set.database.MaxConnections
	f.unless(open > 0 && 2*most*open <= connections, "DB_MAX_CONNECTIONS: %d for each of %d, twice, is above %d", open, most, connections)
	f.unless(set.autotask.HourlyLimit*most <= hourly, "AUTOTASK_HOURLY_LIMIT: %d for each of %d is above %d", set.autotask.HourlyLimit, most, hourly)
	f.unless(set.autotask.ThreadLimit*least <= threads, "AUTOTASK_THREAD_LIMIT: %d for each of %d is above %d", set.autotask.ThreadLimit, least, threads)
	scheme, _, _ := strings.Cut(set.database.URL.Reveal(), "://")
	f.unless(scheme == "postgres" || scheme == "mysql", "DATABASE_URL: several replicas cannot share a file")
}

// restricted: every field of the restricted profile of the Pod Security Standards, and a root that is read-only.
func (s *stack) restricted(f *faults) {
	pod, own := s.pod().Security, s.container().Security
	user := strconv.Itoa(pod.RunAsUser) + ":" + strconv.Itoa(pod.RunAsGroup)
	f.unless(pod.RunAsNonRoot && pod.RunAsUser > 0 && pod.RunAsGroup > 0, "restricted: runs as root")
	f.unless(user == s.docker.image().one("USER").args, "restricted: runs as %s, and the image as %s", user, s.docker.image().one("USER").args)
	f.unless(pod.SeccompProfile.Type == "RuntimeDefault", "restricted: has no seccomp profile")
	f.unless(own.AllowPrivilegeEscalation != nil && !*own.AllowPrivilegeEscalation, "restricted: may gain privileges")
	f.unless(slices.Equal(own.Capabilities.Drop, []string{"ALL"}) && len(own.Capabilities.Add) == 0, "restricted: keeps capabilities")
	f.unless(own.ReadOnlyRoot, "restricted: may write to its root")
	f.unless(s.pod().AutomountToken != nil && !*s.pod().AutomountToken, "restricted: has a token for the cluster")
}

// writes: what the program writes to can be written.
func (s *stack) writes(f *faults, set settings) {
	writable := map[string]bool{}
	for _, m := range s.container().Mounts {
		bounded := slices.ContainsFunc(s.pod().Volumes, func(v volume) bool { return v.Name == m.Name && mebibytes(v.EmptyDir.SizeLimit) > 0 })
		f.unless(bounded, "mount %s: there is no volume %s with a bound", m.MountPath, m.Name)
		writable[m.MountPath] = bounded && !m.ReadOnly
	}
	f.unless(writable["/tmp"], "mount: /tmp cannot be written")
	if file, ok := strings.CutPrefix(set.database.URL.Reveal(), "file:"); ok {
		f.unless(writable[path.Dir(file)], "mount: the database %s cannot be written", file)
	}
	image := s.docker.image()
	file, ok := strings.CutPrefix(image.env()["DATABASE_URL"], "file:")
	f.unless(ok && path.Dir(file) == "/data", "image: the database %s is not in /data", file)
	owned := slices.ContainsFunc(image.all("COPY"), func(i instruction) bool {
		return strings.HasSuffix(i.args, " /data") && i.flags["chown"] == image.one("USER").args
	})
	f.unless(owned, "image: /data is not the user's")
}

// limits: a share of the processor to scale by, and memory that the collector knows the end of.
func (s *stack) limits(f *faults) {
	r := s.container().Resources
	limit, request, target := mebibytes(r.Limits["memory"]), mebibytes(r.Requests["memory"]), 0
	if v := s.variable("GOMEMLIMIT"); v != nil {
		target = mebibytes(v.Value)
	}
	f.unless(r.Requests["cpu"] != "", "resources: the autoscaler needs a request of the processor")
	f.unless(r.Limits["cpu"] == "", "resources: a limit of the processor holds requests back")
	f.unless(request > 0 && request <= limit, "resources: memory from %d to %d MiB", request, limit)
	f.unless(target*100 >= limit*80 && target*100 <= limit*95, "GOMEMLIMIT: %d MiB of %d", target, limit)
}
