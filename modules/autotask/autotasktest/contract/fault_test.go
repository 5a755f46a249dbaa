package contract_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// Faults and control: S50 to S52.
func controlCases() []behaviour {
	return []behaviour{
		{50, "faults", "LIVE PEER ?", control, faults},
		{51, "control_calls", "?", control | misuse, controlCalls},
		{52, "violations", "?", control | misuse, violations},
	}
}

func faults(at *tenant) {
	ticket := fmt.Sprintf("Tickets/%v", at.first("Tickets", everything())["id"])
	whole := at.get(ticket).is(http.StatusOK).body
	slowFaults(at, ticket, whole)
	brokenAnswers(at, ticket)
	brokenWrites(at)
	expiredToken(at)
	executionTimeout(at, ticket)
	outages(at, ticket)
	sameSeedSameRun(at, ticket)
	clockSkew(at)
	disturbedWebhooks(at)
}

func slowFaults(at *tenant, ticket string, whole []byte) {
	at.t.Helper()
	for _, kind := range []string{"latency", "slow_body"} {
		at.faults(object{"kind": kind, "entity": "Tickets", "duration": "200ms", "times": 1})
		at.get("Companies/0").is(http.StatusOK)
		a := at.get(ticket).is(http.StatusOK)
		require.GreaterOrEqual(at.t, a.took, 200*time.Millisecond, kind)
		require.Equal(at.t, whole, a.body, kind)
		require.Equal(at.t, whole, at.get(ticket).is(http.StatusOK).body, "one request was met")
	}
}

func brokenAnswers(at *tenant, ticket string) {
	at.t.Helper()
	at.faults(object{"kind": "half_body", "entity": "Tickets", "times": 1})
	_, err := at.tryOnce(http.MethodGet, ticket, nil)
	require.Error(at.t, err)
	for _, status := range []int{502, 503, 504} {
		at.faults(object{"kind": "html", "status": status, "times": 1})
		a := at.get(ticket).is(status)
		require.Contains(at.t, a.header.Get("Content-Type"), "text/html")
		require.Contains(at.t, strings.ToLower(string(a.body)), "<html>")
	}
	at.faults(object{"kind": "empty_500", "times": 1})
	at.get(ticket).empty(http.StatusInternalServerError)
	at.faults(object{"kind": "unauthorized", "times": 1})
	at.get(ticket).empty(http.StatusUnauthorized)
	at.faults(object{"kind": "empty_500", "path": "/QUERY/", "after": 1, "times": 1})
	at.get(ticket).is(http.StatusOK)
	at.count("Tickets", everything()) // spared
	at.post("Tickets/query/count", object{"filter": []object{everything()}}).empty(http.StatusInternalServerError)
	at.count("Tickets", everything())
	at.faults()
}

// brokenWrites are creates of which the caller cannot tell what became of them.
func brokenWrites(at *tenant) {
	at.t.Helper()
	for kind, kept := range map[string]int64{"reset_before": 0, "reset_after": 1, "lock_contention": 0} {
		draft := at.draft(object{"externalID": at.unique()})
		at.faults(object{"kind": kind, "method": http.MethodPost, "path": "/V1.0/Tickets", "times": 1})
		a, err := at.tryOnce(http.MethodPost, "Tickets", draft)
		if kind == "lock_contention" {
			require.NoError(at.t, err)
			a.is(http.StatusInternalServerError).refused()
		} else {
			require.Error(at.t, err, kind)
		}
		at.faults()
		require.Equal(at.t, kept, at.count("Tickets", where("eq", "externalID", draft["externalID"])), kind)
	}
}

func expiredToken(at *tenant) {
	at.t.Helper()
	at.faults(object{"kind": "expired_token", "times": 1})
	model := object{"MaxRecords": 1, "filter": []object{everything()}}
	link := next(at, at.post("Tickets/query", model))
	at.post(link, model).is(http.StatusInternalServerError).refused()
	at.post(link, model).page()
}

// executionTimeout is a call that Autotask gives up after five minutes.
func executionTimeout(at *tenant, ticket string) {
	at.t.Helper()
	at.faults(object{"kind": "execution_timeout", "entity": "Tickets", "times": 1})
	done := make(chan answer, 1)
	go func() {
		a, _ := at.tryOnce(http.MethodGet, ticket, nil)
		done <- a
	}()
	at.until("the request", func() bool { return at.stats().MaxConcurrent["Tickets"] > 0 && at.met() > 0 })
	at.advance(4 * time.Minute)
	at.get("Companies/0").is(http.StatusOK)
	require.Empty(at.t, done)
	at.advance(time.Minute + time.Second)
	a := <-done
	require.Equal(at.t, http.StatusInternalServerError, a.status)
	at.faults()
}

// met is how many requests the first rule of the plan has met.
func (at *tenant) met() int {
	at.t.Helper()
	var plan struct {
		Met []int `json:"met"`
	}
	at.told("faults", &plan)
	require.NotEmpty(at.t, plan.Met)
	return plan.Met[0]
}

func outages(at *tenant, ticket string) {
	at.t.Helper()
	at.order("outage", object{"mode": "reset"})
	_, err := at.tryOnce(http.MethodGet, ticket, nil)
	require.Error(at.t, err)
	at.order("outage", object{"mode": "unavailable"})
	a := at.get(ticket).is(http.StatusServiceUnavailable)
	require.Contains(at.t, a.header.Get("Content-Type"), "text/html")
	at.get(at.origin+"/atservicesrest/v1.0/zoneInformation?user=x", anonymous).is(http.StatusServiceUnavailable)

	at.order("outage", object{"mode": "hang"})
	ctx, cancel := context.WithTimeout(at.t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = at.tryOnce(http.MethodGet, ticket, nil, func(req *http.Request) { *req = *req.WithContext(ctx) })
	require.ErrorIs(at.t, err, context.DeadlineExceeded)
	at.order("outage", object{"mode": "off"})
	at.get(ticket).is(http.StatusOK)
}

func sameSeedSameRun(at *tenant, ticket string) {
	at.t.Helper()
	run := func(seed int) (statuses []int) {
		at.order("faults", object{"seed": seed, "rules": []object{{"kind": "empty_500", "chance": 0.5}}})
		for range 32 {
			statuses = append(statuses, at.get(ticket).status)
		}
		return statuses
	}
	first := run(7)
	require.Contains(at.t, first, http.StatusOK)
	require.Contains(at.t, first, http.StatusInternalServerError)
	require.Equal(at.t, first, run(7), "the same seed gives the same run")
	require.NotEqual(at.t, first, run(8))
	at.faults()
}

// clockSkew is a server whose clock is ahead of the caller's.
func clockSkew(at *tenant) {
	at.t.Helper()
	at.advance(3 * time.Hour)
	created := moment(at.t, at.read("Tickets", at.create(nil))["createDate"])
	require.Greater(at.t, time.Until(created), 2*time.Hour)
}

func disturbedWebhooks(at *tenant) {
	at.t.Helper()
	r := at.receiver()
	r.subscribe("TicketWebhooks", nil, "title")
	at.order("webhooks", object{"duplicate": 1, "swap": 0})
	ticket := at.create(nil)
	first := r.next()
	require.Equal(at.t, first.body, r.next().body, "delivered twice")
	r.quiet()
	at.order("webhooks", object{"duplicate": 0, "swap": 0})
	r.status.Store(http.StatusInternalServerError) // so that the others wait behind the first
	title := func(text string) { at.patch("Tickets", object{"id": ticket, "title": text}).itemID() }
	title("One")
	r.next()
	at.order("webhooks", object{"duplicate": 0, "swap": 1})
	title("Two")
	title("Three")
	r.status.Store(http.StatusOK)
	at.advance(30 * time.Second)
	for _, want := range []string{"One", "Three", "Two"} {
		require.Equal(at.t, want, r.next().payload.Fields["title"])
	}
	at.order("webhooks", object{"duplicate": 0, "swap": 0})
}
