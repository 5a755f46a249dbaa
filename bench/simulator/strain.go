package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"

	"github.com/holdfast-go/holdfast/bench/keptalive"
)

// strained are the entities with the most records, each of which gets all the indexes that it can have.
func strained() []string {
	return []string{"Tickets", "TicketNotes", "TimeEntries", "Contacts", "Companies"}
}

// maxChanges is how many tickets are changed while a snapshot holds them as they were.
const maxChanges = 40_000

// strain makes the tenant hold as much as it ever does: an index for each field that it takes one for, a snapshot beside
// what has changed since, and then all of it while everything is put back.
func (c *child) strain(ctx context.Context, tickets int) error {
	conn, err := keptalive.Dial(ctx, c.addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, name := range strained() {
		e, _ := registry.Find(name)
		for _, f := range e.Fields {
			if f.NotQueryable {
				continue
			}
			if err := conn.Ask(post(name+"/query/count", fmt.Sprintf(`{"filter":[{"op":"exist","field":%q}]}`, f.Name))); err != nil {
				return fmt.Errorf("%s.%s: %w", name, f.Name, err)
			}
		}
	}
	if err := c.order(ctx, "snapshot", `{"name":"before"}`); err != nil {
		return err
	}
	for n := range min(tickets, maxChanges) {
		if err := conn.Ask(request("PATCH", "/atservicesrest/v1.0/Tickets", fmt.Sprintf(`{"id":%d,"title":"Changed"}`, firstTicket+n*7919%tickets))); err != nil {
			return err
		}
	}
	return c.order(ctx, "reset", `{}`)
}

// order gives the simulator an order by its control API.
func (c *child) order(ctx context.Context, name, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.addr+"/__sim/"+name, strings.NewReader(body))
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("order %s: %s", name, resp.Status)
	}
	return nil
}
