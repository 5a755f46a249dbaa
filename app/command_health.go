package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// healthTimeout bounds the question of the health command. With the default
// HEALTH_CHECK_TIMEOUT a readiness report takes at most 1.2 s.
const healthTimeout = 5 * time.Second

// health asks /readyz of the admin listener, as a container's health check
// does. It reads only the settings of the application itself.
func (c command) health(bool) int {
	env, err := walk(nil, c.options).settings()
	if err != nil {
		return c.fail(err)
	}
	address := Config{}.adminAddr(env)
	ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
	defer cancel()
	status, body, err := readyz(ctx, address)
	if err != nil {
		return c.fail(fmt.Errorf("ask %s whether it is ready: %w", address, err))
	}
	c.print(c.out, "%s\n", strings.TrimSpace(body))
	if status != http.StatusOK {
		return exitFailed
	}
	return exitOK
}

func readyz(ctx context.Context, address string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", http.NoBody)
	if err != nil {
		return 0, "", err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy: it is this machine
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close() //nolint:errcheck // nothing is written
	const most = 64 << 10
	text, err := io.ReadAll(io.LimitReader(response.Body, most))
	return response.StatusCode, string(text), err
}

// adminAddr is where to ask: on every address is also on loopback.
func (Config) adminAddr(env config.Environment) string {
	address, _, set := env.Lookup("ADMIN_ADDR")
	if !set {
		for _, f := range config.SpecOf[Config]().Fields() {
			if f.Name == "ADMIN_ADDR" {
				address = f.Default
			}
		}
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1" // by number: a container from scratch may know no names, and its loopback no IPv6
	}
	return net.JoinHostPort(host, port)
}
