package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"

	"github.com/holdfast-go/holdfast/bench/keptalive"
)

// firstTicket is the id of the oldest ticket of a simulated tenant, firstCompany that of the oldest company but its own.
const (
	firstTicket  = 7001
	firstCompany = 174
)

// load is a kind of request; make returns the n-th.
type load struct {
	name string
	make func(n int) []byte
}

func loads(tickets int) []load {
	companies := min(max(tickets/30, 10), 20_000)
	return []load{
		{"read by id", func(n int) []byte {
			return get("/atservicesrest/v1.0/Tickets/" + strconv.Itoa(firstTicket+n*7919%tickets))
		}},
		{"query, indexed (companyID)", func(n int) []byte {
			return post("Tickets/query", fmt.Sprintf(`{"filter":[{"op":"eq","field":"companyID","value":%d}]}`, firstCompany+n*7919%companies))
		}},
		{"page of 500 (status)", func(n int) []byte {
			from := firstTicket + n*7919%max(tickets-1000, 1) // a page deep in the tenant is as near as the first
			return post("Tickets/query", fmt.Sprintf(`{"filter":[{"op":"eq","field":"status","value":5},{"op":"gte","field":"id","value":%d}]}`, from))
		}},
		{"create", func(n int) []byte {
			return post("Tickets", fmt.Sprintf(`{"companyID":%d,"title":"Printer on fire","description":"It burns since this morning.","status":1,`+
				`"priority":2,"externalID":"bench-%d"}`, firstCompany+n%companies, n))
		}},
	}
}

func get(path string) []byte { return request("GET", path, "") }

func post(path, body string) []byte { return request("POST", "/atservicesrest/v1.0/"+path, body) }

// request is a whole request as it is sent.
func request(method, path, body string) []byte {
	user, code, secret := simulator.Credentials()
	return fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: bench\r\nUserName: %s\r\nApiIntegrationCode: %s\r\nSecret: %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", method, path, user, code, secret, len(body), body)
}

// result is what a load has found.
type result struct {
	perSecond float64
	p50, p99  time.Duration
}

// run repeats the load on every connection for a window. Requests are numbered through all windows of a tenant, so that no
// external id comes twice.
func (l load) run(ctx context.Context, c *child, connections int, window time.Duration) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, window)
	defer cancel()
	took, failed := make([][]time.Duration, connections), make([]error, connections)
	began := time.Now()
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() { took[i], failed[i] = l.repeat(ctx, c) })
	}
	all.Wait()
	elapsed := time.Since(began)
	every := slices.Concat(took...)
	if err := errors.Join(failed...); err != nil || len(every) == 0 {
		return result{}, errors.Join(err, ctx.Err())
	}
	slices.Sort(every)
	return result{
		perSecond: float64(len(every)) / elapsed.Seconds(),
		p50:       every[len(every)/2],
		p99:       every[len(every)*99/100],
	}, nil
}

func (l load) repeat(ctx context.Context, c *child) (took []time.Duration, err error) {
	conn, err := keptalive.Dial(context.WithoutCancel(ctx), c.addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for ctx.Err() == nil {
		request := l.make(int(c.sent.Add(1)))
		began := time.Now()
		if err := conn.Ask(request); err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}
