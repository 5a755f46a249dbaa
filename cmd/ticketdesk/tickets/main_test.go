package tickets_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/desktest"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/page"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/tickets"
	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// object is a JSON object.
type object = map[string]any

// desk is the module tickets at work, and the Autotask that it works on.
type desk struct {
	*apptest.App
	t   testing.TB
	sim *autotasktest.Sim
}

func start(tb testing.TB, opts ...fx.Option) desk {
	tb.Helper()
	sim := autotasktest.New(tb)
	return desk{desktest.New(tb, sim, append(opts, tickets.Module)...), tb, sim}
}

// ticket reads one ticket.
func (d desk) ticket(path string) entities.Ticket {
	d.t.Helper()
	var ticket entities.Ticket
	d.Get(path).Do().Status(http.StatusOK).JSON(&ticket)
	return ticket
}

// list reads one page of tickets.
func (d desk) list(path string) page.List[entities.Ticket] {
	d.t.Helper()
	var list page.List[entities.Ticket]
	d.Get(path).Do().Status(http.StatusOK).JSON(&list)
	return list
}

// write begins a request with an API key.
func (d desk) write(method, path string, body object) *apptest.Response {
	d.t.Helper()
	return d.Request(method, path).Header("X-API-Key", desktest.Key).JSON(body).Do()
}

// costs asserts how many requests to an entity of Autotask f takes.
func (d desk) costs(entity string, want int64, f func()) {
	d.t.Helper()
	before := desktest.Calls(d.sim, entity)
	f()
	require.Equal(d.t, want, desktest.Calls(d.sim, entity)-before, "requests to Autotask")
}

// newTicket is what Autotask wants at least.
func newTicket() object {
	return object{"companyID": 174, "title": "Scanner offline", "priority": 2, "status": 1}
}
