package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
	"golang.org/x/sync/errgroup"

	"github.com/holdfast-go/holdfast/bench/stop/subject"
)

// plan says what is measured.
type plan struct {
	servers []server
	runs    int           // stops of each server, per table
	rate    int           // requests a second
	slow    time.Duration // what a slow request and a stream take
	look    time.Duration // how often a client looks at readiness
	grace   time.Duration // that of a server that has one
	before  time.Duration // the load lasts before the first signal
	step    time.Duration // and longer than that in each run after the first
	every   time.Duration // how often it is looked whether the listener is open, and at readiness
	slack   time.Duration // see stoptest.Trial
	hangs   time.Duration // how long a process may go on after a second signal
}

// thorough is the plan unless flags say otherwise.
func thorough() plan {
	return plan{
		servers: servers(), runs: 5, rate: 200, slow: time.Second, look: 250 * time.Millisecond, grace: time.Second,
		before: 1200 * time.Millisecond, step: 87 * time.Millisecond, every: 10 * time.Millisecond, slack: 10 * time.Millisecond,
		hangs: 3 * time.Second,
	}
}

func (p plan) validate() error {
	if p.runs < 1 || p.runs > 20 || p.rate < 1 || p.rate > 1000 || p.look <= 0 {
		return errors.New("1 to 20 runs, 1 to 1000 requests a second, and a look above 0")
	}
	return nil
}

// longestStop bounds a stop. It is above the clocks of all servers.
const longestStop = 25 * time.Second

// mix is mostly fast, a fifth slow, and a little streamed.
func (p plan) mix() []stoptest.Kind {
	return []stoptest.Kind{
		{Share: 75, Method: http.MethodGet, Path: "/fast"},
		{Share: 20, Method: http.MethodGet, Path: "/slow?for=" + p.slow.String()},
		{Share: 5, Method: http.MethodGet, Path: "/stream?for=" + p.slow.String(), Ends: subject.End},
	}
}

// pair stops a server twice, side by side: under clients that know nothing of readiness, and under clients that look at it.
func (p plan) pair(ctx context.Context, s server, run int) (blind, aware *stoptest.Outcome, err error) {
	first, err := start(ctx, s, p.grace)
	if err != nil {
		return nil, nil, err
	}
	defer first.end()
	second, err := start(ctx, s, p.grace)
	if err != nil {
		return nil, nil, err
	}
	defer second.end()
	var both errgroup.Group
	both.Go(func() (err error) {
		blind, err = p.trial(ctx, first, run, stoptest.To(first.url))
		return err
	})
	both.Go(func() (err error) {
		b := stoptest.NewBalancer(p.look)
		defer b.Close()
		if err := b.Add(ctx, second.url, second.admin); err != nil {
			return err
		}
		aware, err = p.trial(ctx, second, run, b.Pick)
		return err
	})
	if err := both.Wait(); err != nil {
		return nil, nil, fmt.Errorf("stop %s: %w", s.name, err)
	}
	return blind, aware, nil
}

// trial puts load on a server and stops it in the middle of that.
func (p plan) trial(ctx context.Context, c *child, run int, pick func() (string, bool)) (*stoptest.Outcome, error) {
	watch := stoptest.NewWatch(stoptest.WatchConfig{URL: c.url, AdminURL: c.admin, Every: p.every}) //nolint:contextcheck // ends with Stop
	defer watch.Stop()
	load, err := stoptest.NewLoad(stoptest.LoadConfig{
		Rate: p.rate, Kept: 0.5, Mix: p.mix(), Patience: longestStop, Seed: uint64(run), Pick: pick, //nolint:gosec // 20 at most
	})
	if err != nil {
		return nil, err
	}
	defer load.Stop()
	defer c.end() // nothing is under way then
	pass(ctx, p.before+time.Duration(run)*p.step)
	o := &stoptest.Outcome{Slack: p.slack, Signalled: c.terminate()}
	c.wait(longestStop)
	o.Code, o.Exited = c.code(), c.endedAt
	o.Requests, o.Seen = load.Stop(), watch.Stop()
	return o, ctx.Err()
}

// second is what a second signal did to a process that one request holds.
type second struct {
	server server
	took   time.Duration // from the second signal to the end
	code   int
	ended  bool // by itself
}

// twice sends a server SIGTERM while a request hangs, and again a second later.
func (p plan) twice(ctx context.Context, s server) (second, error) {
	c, err := start(ctx, s, p.grace)
	if err != nil {
		return second{}, err
	}
	defer c.end()
	response, err := get(ctx, c.url+"/hang") // the head of an answer that never ends
	if err != nil {
		return second{}, fmt.Errorf("ask %s for what hangs: %w", s.name, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return second{}, fmt.Errorf("ask %s for what hangs: %s", s.name, response.Status)
	}
	c.terminate()
	pass(ctx, time.Second)
	if !c.runs() {
		return second{}, fmt.Errorf("%s ended with code %d, though a request hung", s.name, c.code())
	}
	at := c.terminate()
	ended := c.wait(p.hangs)
	return second{server: s, took: c.endedAt.Sub(at), code: c.code(), ended: ended}, ctx.Err()
}

// pass lets time pass.
func pass(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
