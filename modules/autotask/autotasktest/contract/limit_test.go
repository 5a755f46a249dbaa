package contract_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

// Limits: S33 to S41.
func limitCases() []behaviour {
	return []behaviour{
		{33, "threshold_information", "SW LIVE", 0, thresholdInformation},
		{34, "rolling_window", "OD", control, rollingWindow},
		{35, "latency_by_usage", "OD", control, usageLatency},
		{36, "suspended_tenant", "OD ?", control | misuse, suspended},
		{37, "foreign_traffic", "OD", control, foreignTraffic},
		{38, "threads", "OD LIVE", control | misuse, threads},
		{39, "latency_by_threads", "PEER", control, threadLatency},
		{40, "retry_after", "?", control, retryAfter},
		{41, "volume_of_attachments", "OD", control | misuse, attachmentVolume},
	}
}

// threshold is the answer of ThresholdInformation.
type threshold struct {
	Limit   int `json:"externalRequestThreshold"`
	Minutes int `json:"requestThresholdTimeframe"`
	Count   int `json:"currentTimeframeRequestCount"`
}

func (at *tenant) threshold() (got threshold) {
	at.t.Helper()
	at.get("ThresholdInformation").is(http.StatusOK).into(&got)
	return got
}

func thresholdInformation(at *tenant) {
	a := at.get("ThresholdInformation").is(http.StatusOK)
	require.Equal(at.t, []string{"currentTimeframeRequestCount", "externalRequestThreshold", "requestThresholdTimeframe"}, names(a.object()))
	var first threshold
	a.into(&first)
	require.Positive(at.t, first.Limit)
	require.Equal(at.t, 60, first.Minutes)
	require.Positive(at.t, first.Count, "it counts itself")
	at.get("Companies/0").is(http.StatusOK)
	at.get("Tickets/entityInformation").is(http.StatusOK)
	at.post("Tickets/query/count", object{"filter": []object{everything()}}).is(http.StatusOK)
	second := at.threshold()
	require.GreaterOrEqual(at.t, second.Count, first.Count+4)
	if at.simulated {
		require.Equal(at.t, 10_000, first.Limit)
		require.Equal(at.t, 1, first.Count)
		require.Equal(at.t, first.Count+4, second.Count)
	}
}

func rollingWindow(at *tenant) {
	require.Equal(at.t, 1, at.threshold().Count)
	at.get("Companies/0")
	at.advance(59 * time.Minute)
	at.get("Companies/0")
	require.Equal(at.t, 4, at.threshold().Count)
	at.advance(time.Minute + time.Second)
	require.Equal(at.t, 3, at.threshold().Count, "the first two are an hour old")
	at.advance(61 * time.Minute)
	require.Equal(at.t, 1, at.threshold().Count)
	require.Equal(at.t, 1, at.stats().Rolling)
}

// external counts requests of other integrations until a share of the limit is reached.
func (at *tenant) external(share float64) {
	at.t.Helper()
	if at.limit == 0 {
		at.limit = at.threshold().Limit
	}
	at.order("threshold/external", object{"requests": int(float64(at.limit)*share) - at.stats().Rolling})
}

func usageLatency(at *tenant) {
	at.external(0.45)
	idle := at.get("Companies/0").took
	require.Less(at.t, idle, 450*time.Millisecond)
	at.external(0.50)
	medium := at.get("Companies/0").took
	require.GreaterOrEqual(at.t, medium, 500*time.Millisecond)
	at.external(0.75)
	heavy := at.get("Companies/0").took
	require.GreaterOrEqual(at.t, heavy, time.Second)
	at.advance(61 * time.Minute)
	require.Less(at.t, at.get("Companies/0").took, 450*time.Millisecond)
	if o, ok := at.other("USAGE_LATENCY=0.1"); ok {
		o.external(0.75)
		took := o.get("Companies/0").took
		require.GreaterOrEqual(at.t, took, 100*time.Millisecond)
		require.Less(at.t, took, time.Second)
	}
}

// exceeded is how a client knows the hourly limit: its status and words are known to nobody.
func (a answer) exceeded() {
	a.t.Helper()
	a.is(http.StatusTooManyRequests, http.StatusForbidden, http.StatusInternalServerError)
	require.Regexp(a.t, `(?i)threshold|exceeded.*request`, a.refused()[0])
}

func suspended(at *tenant) {
	at.external(1)
	at.get("Companies/0").exceeded()
	at.get("ThresholdInformation").exceeded()
	at.post("Tickets", object{}).exceeded()
	if len(at.codes) > 1 {
		at.get("Companies/0", with("ApiIntegrationCode", at.codes[1])).exceeded() // the whole tenant
	}
	at.lookUp(at.origin)
	var mails []struct {
		At      time.Time `json:"at"`
		To      string    `json:"to"`
		Subject string    `json:"subject"`
	}
	at.told("notices", &mails)
	require.Len(at.t, mails, 1, "one mail for one suspension")
	require.NotEmpty(at.t, mails[0].To)
	require.NotEmpty(at.t, mails[0].Subject)
	at.advance(30 * time.Minute)
	at.get("Companies/0").exceeded()
	at.advance(31 * time.Minute)
	at.get("Companies/0").is(http.StatusOK)

	for _, status := range []int{403, 500} {
		o, ok := at.other(fmt.Sprintf("SUSPENDED_STATUS=%d", status), "SUSPENDED_TEXT=Enough.", "USAGE_LATENCY=0")
		if !ok {
			return
		}
		o.external(1)
		require.Equal(at.t, []string{"Enough."}, o.get("Companies/0").is(status).refused())
	}
}

func foreignTraffic(at *tenant) {
	at.threshold()
	at.order("threshold/foreign", object{"perHour": 1200})
	before := at.threshold().Count
	at.advance(30 * time.Minute)
	require.InDelta(at.t, before+600, at.threshold().Count, 3)
	at.order("threshold/foreign", object{"perHour": 0})
	before = at.threshold().Count
	at.advance(10 * time.Minute)
	require.InDelta(at.t, before+1, at.threshold().Count, 3)
	at.order("threshold/external", object{"requests": 1000})
	require.InDelta(at.t, before+1002, at.threshold().Count, 3)
	if o, ok := at.other("FOREIGN_PER_HOUR=600"); ok {
		o.advance(30 * time.Minute)
		require.InDelta(at.t, 300, o.threshold().Count, 3)
	}
}

// hold sends n requests that the simulator keeps for a while, and returns when all are in flight; release waits for them.
func (at *tenant) hold(n int, entity, path string, within time.Duration) (release func() []answer) {
	at.t.Helper()
	at.order("latency", object{"latency": within.String()})
	answers, group := make([]answer, n), sync.WaitGroup{}
	for i := range n {
		group.Go(func() { answers[i], _ = at.try(http.MethodGet, path, nil) })
	}
	at.until("requests in flight", func() bool { return at.stats().MaxConcurrent[entity] >= n })
	at.order("latency", object{"latency": "0s"})
	return func() []answer {
		group.Wait()
		return answers
	}
}

func threads(at *tenant) {
	ticket := fmt.Sprintf("Tickets/%v", at.first("Tickets", everything())["id"])
	at.order("reset", object{}) // nothing was in flight
	release := at.hold(3, "Tickets", ticket, time.Second)
	refused := at.get(ticket).is(http.StatusTooManyRequests)
	require.Equal(at.t, []string{textThreads}, refused.refused())
	require.Empty(at.t, refused.header.Get("Retry-After"))
	at.get("Tickets/entityInformation/fields").is(http.StatusTooManyRequests) // metadata counts with its entity
	at.post("tickets/query/count", object{"filter": []object{everything()}}).is(http.StatusTooManyRequests)
	at.get("Companies/0").is(http.StatusOK)
	at.lookUp(at.origin)
	if len(at.codes) > 1 {
		at.get(ticket, with("ApiIntegrationCode", at.codes[1])).is(http.StatusOK) // each integration has its own
	}
	for _, a := range release() {
		a.is(http.StatusOK)
	}
	at.get(ticket).is(http.StatusOK)
	require.EqualValues(at.t, 3, at.stats().Threads)
	require.Contains(at.t, at.asJSON(at.violations()), "thread_limit")

	if o, ok := at.other("THREAD_LIMIT=1", "THREAD_STATUS=500", "RELEASE_LAG=1m"); ok {
		o.get("Companies/0").is(http.StatusOK)
		late := o.get("Companies/0").is(http.StatusInternalServerError) // the thread is not free yet
		require.Equal(at.t, []string{strings.Replace(textThreads, "3", "1", 1)}, late.refused())
		o.advance(2 * time.Minute)
		o.get("Companies/0").is(http.StatusOK)
	}
}

func threadLatency(at *tenant) {
	o, ok := at.other("THREAD_LATENCY=1", "THREAD_LIMIT=20")
	if !ok {
		at.t.Skip("needs a simulator in the suite's own process: run it without -url")
	}
	require.Less(at.t, o.get("Companies/0").took, 250*time.Millisecond)
	for n, least := range map[int]time.Duration{3: 250 * time.Millisecond, 10: time.Second} {
		o.order("reset", object{})
		var longest time.Duration
		const held = 200 * time.Millisecond
		for _, a := range o.hold(n, "Companies", "Companies/0", held)() {
			longest = max(longest, a.is(http.StatusOK).took)
		}
		require.GreaterOrEqual(at.t, longest, held+least, "%d at once", n)
	}
}

func retryAfter(at *tenant) {
	at.external(1)
	require.Empty(at.t, at.get("Companies/0").header.Get("Retry-After"), "none is documented")
	for _, form := range []string{"seconds", "date"} {
		o, ok := at.other("RETRY_AFTER="+form, "USAGE_LATENCY=0")
		if !ok {
			return
		}
		o.external(1)
		value := o.get("Companies/0").header.Get("Retry-After")
		if form == "seconds" {
			seconds, err := strconv.Atoi(value)
			require.NoError(at.t, err)
			require.Positive(at.t, seconds)
			require.LessOrEqual(at.t, seconds, 3600)
			continue
		}
		when, err := http.ParseTime(value)
		require.NoError(at.t, err)
		require.WithinRange(at.t, when, o.now(), o.now().Add(61*time.Minute))
	}
}

// upload sends an attachment of n bytes.
func (at *tenant) upload(ticket int64, n int) answer {
	at.t.Helper()
	return at.post(fmt.Sprintf("Tickets/%d/Attachments", ticket), object{
		"attachmentType": "FILE_ATTACHMENT", "fullPath": "report.txt", "title": "Report", "publish": 1,
		"data": base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", n))),
	})
}

func attachmentVolume(at *tenant) {
	const mega = 1_000_000
	ticket := at.create(nil)
	at.upload(ticket, 7*1024*1024+1).is(http.StatusInternalServerError, http.StatusRequestEntityTooLarge).refused()
	at.upload(ticket, 5*mega).itemID()
	at.upload(ticket, 49*mega/10).itemID()
	at.upload(ticket, mega).is(http.StatusInternalServerError).refused() // more than 10,000,000 bytes in five minutes
	at.upload(ticket, 10).is(http.StatusInternalServerError).refused()   // and now nothing at all
	at.advance(5*time.Minute + time.Second)
	at.upload(ticket, mega).itemID()
}
