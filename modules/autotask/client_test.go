package autotask_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/autotask/throttle"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func access() autotask.Config {
	username, code, secret := simulator.Credentials()
	return autotask.Config{
		Username: username, IntegrationCode: config.Secret(code), Secret: config.Secret(secret), Env: config.Test,
	}
}

func newClient(tb testing.TB, cfg autotask.Config, rt http.RoundTripper) *autotask.Client {
	tb.Helper()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, discard())
	require.NoError(tb, err)
	c, err := autotask.New(cfg, breakers, retry.NewService(retry.Config{}, discard()), discard(), autotask.WithTransport(rt))
	require.NoError(tb, err)
	return c
}

// tripper is a transport made of a function.
type tripper func(req *http.Request) (*http.Response, error)

func (f tripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestGet(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	client := newClient(t, access(), sim.Transport())
	first := firstTicket(t, client)
	sim.Reset()

	ticket, err := client.Tickets.Get(t.Context(), first)
	require.NoError(t, err)
	require.Equal(t, first, ticket.ID.Or(-1))
	require.NotEmpty(t, ticket.Title.Or(""))
	require.EqualValues(t, 1, sim.Stats().Requests, "a read costs one request")

	company, err := client.Companies.Get(t.Context(), 0)
	require.NoError(t, err)
	require.EqualValues(t, 0, company.ID.Or(-1), "id 0 is a record")

	var missing *apierror.NotFoundError
	_, err = client.Tickets.Get(t.Context(), 1<<40)
	require.ErrorAs(t, err, &missing)
	require.EqualError(t, missing, "autotask: GET Tickets/1099511627776: not found (status 200)")
}

func firstTicket(tb testing.TB, client *autotask.Client) int64 {
	tb.Helper()
	page, err := client.Tickets.Page(tb.Context(), query.New().Limit(1))
	require.NoError(tb, err)
	require.Len(tb, page.Items, 1)
	id, _ := page.Items[0].ID.Get()
	return id
}

// A14: 1,203 rows through POST paging are 1,203 unique ids in 3 requests.
func TestQueryReadsEveryPage(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	client := newClient(t, access(), sim.Transport())
	seen := map[int64]bool{}
	last := int64(-1)
	for ticket, err := range client.Tickets.Query(t.Context(), query.New()) {
		require.NoError(t, err)
		id, _ := ticket.ID.Get()
		require.Greater(t, id, last)
		seen[id], last = true, id
	}
	require.Len(t, seen, 1203)
	require.EqualValues(t, 1+3, sim.Stats().Requests, "the zone and three pages")
	require.Zero(t, sim.Stats().Refused)

	count, err := client.Tickets.Count(t.Context(), query.New().Limit(1))
	require.NoError(t, err)
	require.EqualValues(t, 1203, count)
}

func TestQueryStopsEarly(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	client := newClient(t, access(), sim.Transport())
	n := 0
	for _, err := range client.Tickets.Query(t.Context(), query.New().Limit(10)) {
		require.NoError(t, err)
		if n++; n == 20 { // the end of the second page
			break
		}
	}
	require.EqualValues(t, 1+2, sim.Stats().Requests)
}

func TestPage(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	client := newClient(t, access(), sim.Transport())
	page, err := client.Tickets.Page(t.Context(), query.New().Limit(7).Fields("title"))
	require.NoError(t, err)
	require.Len(t, page.Items, 7)
	require.True(t, page.More)
	require.False(t, page.Items[0].ID.IsZero(), "the id is always there")
	require.True(t, page.Items[0].Status.IsZero())
	require.EqualValues(t, 2, sim.Stats().Requests)

	page, err = client.Tickets.Page(t.Context(), query.New().Where(query.Lt("id", 0)))
	require.NoError(t, err)
	require.Empty(t, page.Items)
	require.False(t, page.More)
}

func TestInvalidQueryIsNotSent(t *testing.T) {
	t.Parallel()
	client := newClient(t, access(), tripper(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("nothing may be sent")
	}))
	bad := query.New().Limit(501)
	_, err := client.Tickets.Page(t.Context(), bad)
	require.ErrorIs(t, err, query.ErrInvalid)
	_, err = client.Tickets.Count(t.Context(), query.New().Where(query.Or()))
	require.ErrorIs(t, err, query.ErrInvalid)
	for ticket, err := range client.Tickets.Query(t.Context(), bad) {
		require.Nil(t, ticket)
		require.ErrorIs(t, err, query.ErrInvalid)
	}
}

func newTicket(title string) *entities.Ticket {
	return &entities.Ticket{
		ID: entities.Some[int64](99), CompanyID: entities.Some[int64](0), Title: entities.Some(title),
		Status: entities.Some[int64](1), Priority: entities.Some[int64](2),
		DueDateTime: entities.Some(entities.Date(2030, time.May, 17)), QueueID: entities.Some[int64](29682833),
	}
}

// A6: two different creates are two tickets.
func TestCreateAndPatch(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	client := newClient(t, access(), sim.Transport())
	one, err := client.Tickets.Create(t.Context(), valid(newTicket("one")))
	require.NoError(t, err)
	two, err := client.Tickets.Create(t.Context(), valid(newTicket("two")))
	require.NoError(t, err)
	require.NotEqual(t, one, two)

	err = client.Tickets.Patch(t.Context(), &entities.Ticket{
		ID: entities.Some(one), Status: entities.Some[int64](5), Description: entities.Null[string](),
	})
	require.NoError(t, err)
	ticket, err := client.Tickets.Get(t.Context(), one)
	require.NoError(t, err)
	require.EqualValues(t, 5, ticket.Status.Or(-1))
	require.Equal(t, "one", ticket.Title.Or(""))
	require.Zero(t, sim.Stats().Refused)
}

// valid leaves the queue out, whose ids are the tenant's own.
func valid(ticket *entities.Ticket) *entities.Ticket {
	ticket.QueueID = entities.Optional[int64]{}
	return ticket
}

// Children are created, and changed, at their parent's address.
func TestChildrenGoThroughTheirParent(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	client := newClient(t, access(), sim.Transport())
	ticket := firstTicket(t, client)
	note := &entities.TicketNote{
		TicketID: entities.Some(ticket), Title: entities.Some("a note"), Description: entities.Some("text"),
		NoteType: entities.Some[int64](1), Publish: entities.Some[int64](1),
	}
	id, err := client.TicketNotes.Create(t.Context(), note)
	require.NoError(t, err)
	read, err := client.TicketNotes.Get(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "a note", read.Title.Or(""))

	require.NoError(t, client.TicketNotes.Patch(t.Context(), &entities.TicketNote{
		ID: entities.Some(id), TicketID: entities.Some(ticket), Title: entities.Some("another"),
	}))
	contact := &entities.Contact{
		CompanyID: entities.Some[int64](0), FirstName: entities.Some("Ada"), LastName: entities.Some("Lovelace"),
		IsActive: entities.Some[int64](1),
	}
	_, err = client.Contacts.Create(t.Context(), contact)
	require.NoError(t, err)
	require.Zero(t, sim.Stats().Refused)
}

func TestRecordsRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	client := newClient(t, access(), tripper(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("nothing may be sent")
	}))
	create := func(note *entities.TicketNote) error {
		_, err := client.TicketNotes.Create(t.Context(), note)
		return err
	}
	tests := map[string]struct {
		err  error
		want string
	}{
		"no parent":            {create(&entities.TicketNote{}), "ticketID is required: a TicketNote is created under one of Tickets"},
		"null parent":          {create(&entities.TicketNote{TicketID: entities.Null[int64]()}), "ticketID is required: a TicketNote is created under one of Tickets"},
		"nothing":              {create(nil), "there is no record to create"},
		"patch without id":     {client.Tickets.Patch(t.Context(), &entities.Ticket{}), "id is required"},
		"patch of nothing":     {client.Tickets.Patch(t.Context(), nil), "there is no record to change"},
		"patch without parent": {client.TicketNotes.Patch(t.Context(), &entities.TicketNote{ID: entities.Some[int64](1)}), "ticketID is required: a TicketNote is changed under one of Tickets"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var refused *apierror.ValidationError
			require.ErrorAs(t, test.err, &refused)
			require.Equal(t, test.want, refused.PublicDetail())
		})
	}
}

// A11: a validation answer is one request, reaches the caller verbatim, and moves no breaker.
func TestValidationIsPermanent(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	client := newClient(t, access(), sim.Transport())
	firstTicket(t, client)
	sim.Reset()
	ticket := valid(newTicket(""))
	ticket.AssignedResourceID = entities.Some[int64](1)
	for range 30 {
		_, err := client.Tickets.Create(t.Context(), ticket)
		var refused *apierror.ValidationError
		require.ErrorAs(t, err, &refused)
		require.NotEmpty(t, refused.Messages)
	}
	require.EqualValues(t, 30, sim.Stats().Requests)
	_, err := client.Tickets.Count(t.Context(), query.New())
	require.NoError(t, err, "the breaker is closed")
}

// A2, and the counters of the tenant: however many callers, never more than three at once.
func TestThreadLimitHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		sim.Latency(100 * time.Millisecond)
		client := newClient(t, access(), sim.Transport())
		firstTicket(t, client)
		begin := time.Now()
		var failed atomic.Int32
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				if _, err := client.Tickets.Count(t.Context(), query.New()); err != nil {
					failed.Add(1)
				}
			})
		}
		wg.Wait()
		require.Zero(t, failed.Load())
		require.Equal(t, time.Second, time.Since(begin))
		require.Equal(t, 3, sim.Stats().MaxConcurrent["Tickets"])
		require.Zero(t, sim.Stats().ThreadViolations)
	})
}

// A15 in small: what is over the budget is refused here, and never reaches the tenant.
func TestHourlyBudgetHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		cfg := access()
		cfg.HourlyLimit = 20
		client := newClient(t, cfg, sim.Transport())
		for i := range 25 {
			_, err := client.Tickets.Count(t.Context(), query.New())
			if i < 20 {
				require.NoError(t, err)
				continue
			}
			var refused *throttle.BudgetError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, time.Hour+time.Second, refused.RetryAfter())
		}
		require.EqualValues(t, 1+20, sim.Stats().Requests)
		require.Equal(t, 20, client.Limits().Used)
		time.Sleep(time.Hour + time.Second)
		_, err := client.Tickets.Count(t.Context(), query.New())
		require.NoError(t, err)
	})
}

func TestOutageOpensTheBreakerAndRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		client := newClient(t, access(), sim.Transport())
		id := firstTicket(t, client)
		sim.Outage(true)
		var network *apierror.NetworkError
		_, err := client.Tickets.Get(t.Context(), id)
		require.ErrorAs(t, err, &network)
		for range 10 {
			_, err = client.Tickets.Get(t.Context(), id)
		}
		require.ErrorIs(t, err, circuitbreaker.ErrOpen)
		requests, used := sim.Stats().Requests, client.Limits().Used
		begin := time.Now()
		_, err = client.Tickets.Get(t.Context(), id)
		require.ErrorIs(t, err, circuitbreaker.ErrOpen)
		require.Zero(t, time.Since(begin))
		require.Equal(t, requests, sim.Stats().Requests, "nobody asks an upstream that is down")
		require.Equal(t, used, client.Limits().Used, "and no unit is spent on it")
		_, err = client.Companies.Count(t.Context(), query.New())
		require.ErrorAs(t, err, &network, "each entity has its own breaker")

		sim.Outage(false)
		time.Sleep(31 * time.Second)
		_, err = client.Tickets.Get(t.Context(), id)
		require.NoError(t, err)
	})
}

func TestWrongCredentials(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	cfg := access()
	cfg.Secret = "wrong"
	client := newClient(t, cfg, sim.Transport())
	for range 3 {
		_, err := client.Tickets.Get(t.Context(), 1)
		var refused *apierror.AuthError
		require.ErrorAs(t, err, &refused)
	}
	require.EqualValues(t, 3, sim.Stats().Unauthorized, "A5: one request for each call")
	require.EqualValues(t, 1+1+3, sim.Stats().Requests, "the zone, once more after the first 401, and the calls")

	cfg = access()
	cfg.Username = "nobody@example.com"
	_, err := newClient(t, cfg, sim.Transport()).Tickets.Get(t.Context(), 1)
	var unknown *apierror.UnknownUserError
	require.ErrorAs(t, err, &unknown)
}

func TestCancelledCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		client := newClient(t, access(), sim.Transport())
		firstTicket(t, client)
		sim.Latency(time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begin := time.Now()
		_, err := client.Tickets.Create(ctx, valid(newTicket("gone")))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Second, time.Since(begin))
		require.Zero(t, client.Limits().Threads["Tickets"])
	})
}

// An open breaker answers before the queue: nobody waits for a unit, or a thread, of an upstream that is down.
func TestOpenBreakerIsAskedBeforeTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		cfg := access()
		cfg.HourlyLimit = 10
		client := newClient(t, cfg, sim.Transport())
		sim.Latency(time.Millisecond)
		_, err := client.Companies.Get(t.Context(), 0) // finds the zone
		require.NoError(t, err)
		time.Sleep(2 * time.Hour)
		sim.Outage(true)
		for client.Limits().Used < 10 {
			_, err = client.Tickets.Create(t.Context(), newTicket("x"))
			require.Error(t, err)
		}
		_, err = client.Tickets.Create(t.Context(), newTicket("x"))
		require.ErrorIs(t, err, circuitbreaker.ErrOpen)
	})
}

// The failure that opens the breaker is not waited upon: the next attempt would be refused.
func TestNoWaitForARefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		client := newClient(t, access(), sim.Transport())
		_, err := client.Companies.Get(t.Context(), 0) // finds the zone
		require.NoError(t, err)
		sim.Outage(true)
		var d *apierror.Details
		for opened := false; !opened; {
			began := time.Now()
			_, err := client.Tickets.Get(t.Context(), 7001)
			opened = time.Since(began) < 3*time.Second/2 // not both waits, 1 s and 2 s, each half at least
			if opened {
				var ok bool
				d, ok = apierror.Of(err)
				require.True(t, ok, "the last real error, not the refusal")
			}
		}
		require.Less(t, d.Attempt, 3)
		_, err = client.Tickets.Get(t.Context(), 7001)
		require.ErrorIs(t, err, circuitbreaker.ErrOpen)
	})
}

// A9: of fifty callers of an upstream that may be back, one asks.
func TestOneTrialAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		client := newClient(t, access(), sim.Transport())
		firstTicket(t, client)
		sim.SetOutage(simulator.OutageUnavailable)
		var err error
		for !errors.Is(err, circuitbreaker.ErrOpen) {
			_, err = client.Tickets.Create(t.Context(), newTicket("x"))
			require.Error(t, err)
		}
		time.Sleep(31 * time.Second)
		sim.SetOutage(simulator.OutageHang)
		before := client.Limits().Used
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { _, _ = client.Tickets.Create(t.Context(), newTicket("x")) })
		}
		synctest.Wait()
		require.Equal(t, before+1, client.Limits().Used)
		sim.Outage(false)
		wg.Wait()
	})
}
