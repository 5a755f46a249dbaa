// Command gozero is go-zero's rest server with its defaults, to be stopped by the program above it. It is a program of its
// own because go-zero takes the signals of every process that it is linked into, in an init function: the other servers
// would not be stopped by what they are written with.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/zeromicro/go-zero/core/conf"
	"github.com/zeromicro/go-zero/rest"

	"github.com/holdfast-go/holdfast/bench/stop/subject"
)

// settings are what differs from the defaults: the addresses, the log, the path of go-zero's own readiness, which turns
// with the stop, and no shedding, which would answer for the machine and not for the stop.
const settings = `
Name: bench
Host: %s
Port: %s
CpuThreshold: 0
Log: {Level: severe, Stat: false}
DevServer: {Host: %s, Port: %s, HealthPath: /readyz}
`

func main() {
	order, _, err := subject.Parse(os.Args[1:])
	if err == nil {
		subject.EndWithParent()
		err = serve(order)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gozero:", err)
		os.Exit(1)
	}
}

func serve(order subject.Order) error {
	host, port, err := net.SplitHostPort(order.Addr)
	if err != nil {
		return err
	}
	adminHost, adminPort, err := net.SplitHostPort(order.Admin)
	if err != nil {
		return err
	}
	var c rest.RestConf
	if err := conf.LoadFromYamlBytes(fmt.Appendf(nil, settings, host, port, adminHost, adminPort), &c); err != nil {
		return err
	}
	server, err := rest.NewServer(c)
	if err != nil {
		return err
	}
	defer server.Stop()
	for path, handler := range subject.Routes() {
		var options []rest.RouteOption
		if path == "/stream" || path == "/hang" {
			options = append(options, rest.WithSSE())
		}
		server.AddRoute(rest.Route{Method: http.MethodGet, Path: path, Handler: handler}, options...)
	}
	server.Start()
	return nil
}
