package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// limit bounds everything that is waited for, far above what it takes.
const limit = 2 * time.Minute

// user is who runs in the container, by number.
const user = 65532

// The program as a container runtime runs it: process 1, as its own user, on a root that is mounted read-only and has nothing
// but what the image has, /data and /tmp its own, in a network of its own, where the addresses of the image are free.
func runInContainer(t *testing.T, s *stack, binary string) {
	t.Helper()
	box := newSandbox(t, binary)
	image := s.docker.image()
	env := image.env()
	maps.Copy(env, map[string]string{
		"APP_ENV": "dev", "LOG_FORMAT": "json", "ADMIN_TOKEN": "of-the-test", "SHUTDOWN_HEALTH_GRACE_PERIOD": "500",
	})

	t.Run("not outside of data", func(t *testing.T) {
		elsewhere := maps.Clone(env)
		elsewhere["DATABASE_URL"] = "file:/holdfast.db"
		p := box.start(t, elsewhere, execForm(image.one("ENTRYPOINT").args)...)
		require.Equal(t, 1, p.wait(), "a root that can be written is none of a container")
		require.Contains(t, p.output.String(), "/holdfast.db")
	})

	p := box.start(t, env, execForm(image.one("ENTRYPOINT").args)...)
	healthy := func() bool { return box.start(t, env, image.health()...).wait() == 0 }
	waitFor(t, p, healthy)
	client := box.client(t)
	require.Equal(t, http.StatusOK, get(t, client, "http://127.0.0.1:3000/api/v1/tickets/7001", ""), p.output.String())
	require.Equal(t, http.StatusUnauthorized, get(t, client, "http://127.0.0.1:9090/metrics", ""))
	require.Equal(t, http.StatusOK, get(t, client, "http://127.0.0.1:9090/metrics", "of-the-test"))
	require.FileExists(t, filepath.Join(box.data, "holdfast.db"))

	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	waitFor(t, nil, func() bool { return !healthy() })
	require.Zero(t, p.wait(), p.output.String())
	require.Contains(t, p.output.String(), `"msg":"stopped"`)
}

// The simulator as a container runtime runs it: in the same box, with what its image says, and with a flag.
func runSimulator(t *testing.T, image *stage, binary string) {
	t.Helper()
	box := newSandbox(t, binary)
	command := append(execForm(image.one("ENTRYPOINT").args), "-tickets=20")
	p := box.start(t, image.env(), command...)
	waitFor(t, p, func() bool { return strings.Contains(p.output.String(), "simulated Autotask listening") })
	client := box.client(t)
	for _, path := range []string{"/atservicesrest/versioninformation", "/__sim/state"} {
		require.Equal(t, http.StatusOK, get(t, client, "http://127.0.0.1:"+image.one("EXPOSE").args+path, ""), p.output.String())
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	stopped := []int{0, 128 + int(syscall.SIGTERM)} // the latter within the moment after it has said that it listens
	require.Contains(t, stopped, p.wait(), p.output.String())
	require.Contains(t, p.output.String(), `"drain_completed":true`)
}

func get(t *testing.T, client *http.Client, url, token string) (status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// waitFor asks until it is so, or p has ended.
func waitFor(t *testing.T, p *process, so func() bool) {
	t.Helper()
	tick, end := time.NewTicker(100*time.Millisecond), time.NewTimer(limit)
	defer tick.Stop()
	defer end.Stop()
	var ended chan struct{} // of nobody: never
	if p != nil {
		ended = p.ended
	}
	for !so() {
		select {
		case <-tick.C:
		case <-ended:
			t.Fatalf("it ended:\n%s", p.output.String())
		case <-end.C:
			t.Fatalf("waited %s", limit)
		}
	}
}

// sandbox is one thread in namespaces of its own. What it starts is in them too; they are gone when the last of them ends.
type sandbox struct {
	root, data string
	work       chan func()
}

// newSandbox makes the file system of the image. It needs root, and the right to mount.
func newSandbox(t *testing.T, binary string) *sandbox {
	t.Helper()
	b := &sandbox{root: t.TempDir(), data: t.TempDir(), work: make(chan func())}
	require.NoError(t, os.Chmod(b.root, 0o755)) //nolint:gosec // as the root of an image is
	for _, folder := range []string{"data", "tmp", "etc"} {
		require.NoError(t, os.Mkdir(filepath.Join(b.root, folder), 0o755)) //nolint:gosec // as in an image
	}
	content, err := os.ReadFile(binary) //nolint:gosec // made by the test
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(b.root, filepath.Base(binary)), content, 0o755)) //nolint:gosec // a program
	hosts := []byte("127.0.0.1 localhost\n::1 localhost\n")                                        // which a container runtime brings
	require.NoError(t, os.WriteFile(filepath.Join(b.root, "etc", "hosts"), hosts, 0o644))          //nolint:gosec // for all

	var done sync.WaitGroup
	t.Cleanup(func() { close(b.work); done.Wait() })
	done.Go(func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		for fn := range b.work {
			fn()
		}
	})
	b.do(func() { err = b.enter() })
	if err != nil && os.Getenv("REQUIRE_SERVICES") != "1" { //nolint:forbidigo // a test's own switch
		t.Skipf("a container needs root, and the right to mount: %v", err)
	}
	require.NoError(t, err)
	return b
}

// do runs fn on the thread of the sandbox.
func (b *sandbox) do(fn func()) {
	done := make(chan struct{})
	b.work <- func() { defer close(done); fn() }
	<-done
}

// enter takes the thread into its namespaces and sets them up. What it starts from then on gains no privileges.
func (b *sandbox) enter() error {
	const bare = unix.MS_NOSUID | unix.MS_NODEV
	tmp, data := filepath.Join(b.root, "tmp"), filepath.Join(b.root, "data")
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	return errors.Join(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount(b.root, b.root, "", unix.MS_BIND, ""),
		unix.Mount("", b.root, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|bare, ""),
		unix.Mount("tmpfs", tmp, "tmpfs", bare|unix.MS_NOEXEC, "mode=1777"),
		os.Chmod(b.data, 0o700), //nolint:gosec // a folder
		os.Chown(b.data, user, user),
		unix.Mount(b.data, data, "", unix.MS_BIND, ""),
		loopback(),
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
	)
}

// loopback switches the loopback device on, which a new network has off.
func loopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket) //nolint:errcheck // nothing is written
	device, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFFLAGS, device); err != nil {
		return err
	}
	device.SetUint16(device.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, device)
}

// client is one whose connections begin in the network of the sandbox.
func (b *sandbox) client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		b.do(func() { conn, err = new(net.Dialer).DialContext(ctx, network, address) })
		return conn, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: limit}
}

// process is a program in the sandbox. It is killed with its test if it still runs then.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	output lines
	ended  chan struct{}
}

// start runs a command as the user of the image, process 1 of its own.
func (b *sandbox) start(t *testing.T, env map[string]string, command ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.CommandContext(t.Context(), command[0], command[1:]...), ended: make(chan struct{})} //nolint:gosec // ours
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = "/", pairs(env), &p.output, &p.output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot: b.root, Credential: &syscall.Credential{Uid: user, Gid: user}, Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC,
	}
	var err error
	b.do(func() { err = p.cmd.Start() })
	require.NoError(t, err)
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // its exit code is asked for later
	}()
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); <-p.ended })
	return p
}

// wait returns the exit code.
func (p *process) wait() int {
	p.t.Helper()
	end := time.NewTimer(limit)
	defer end.Stop()
	select {
	case <-p.ended:
	case <-end.C:
		p.t.Fatalf("%s still runs after %s:\n%s", p.cmd.Path, limit, p.output.String())
	}
	return p.cmd.ProcessState.ExitCode()
}

// lines may be read while they are written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Clone(l.text.String())
}
