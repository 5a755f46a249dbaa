package tickets_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/cmd/ticketdesk/page"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
)

func TestListAll(t *testing.T) {
	t.Parallel()
	d := start(t)
	want, cursor, sizes := int64(7001), "", []int{}
	for {
		d.costs("Tickets", 1, func() {
			list := d.list("/api/v1/tickets?limit=500" + cursor)
			for _, ticket := range list.Items {
				require.Equal(t, want, ticket.ID.Or(0))
				want++
			}
			sizes = append(sizes, len(list.Items))
			cursor = list.NextCursor
		})
		if cursor == "" {
			break
		}
		cursor = "&cursor=" + cursor
	}
	require.Equal(t, []int{500, 500, 203}, sizes)
}

func TestListShape(t *testing.T) {
	t.Parallel()
	d := start(t)
	resp := d.Get("/api/v1/tickets").Do().Status(http.StatusOK)
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	require.Empty(t, resp.Header.Get("Age"))
	require.Empty(t, resp.Header.Get("X-Resilience-Fallback"))
	require.Len(t, d.list("/api/v1/tickets").Items, 100, "unless a limit is given")

	last := d.Get("/api/v1/tickets?q=no+ticket+has+this+title").Do().Status(http.StatusOK)
	require.JSONEq(t, `{"items":[]}`, string(last.Body))
}

func TestFilters(t *testing.T) {
	t.Parallel()
	d := start(t)
	status := func(want int64) func(*entities.Ticket) bool {
		return func(t *entities.Ticket) bool { return t.Status.Or(-1) == want }
	}
	company := func(want int64) func(*entities.Ticket) bool {
		return func(t *entities.Ticket) bool { return t.CompanyID.Or(-1) == want }
	}
	title := func(want string) func(*entities.Ticket) bool {
		return func(t *entities.Ticket) bool {
			return strings.Contains(strings.ToLower(t.Title.Or("")), strings.ToLower(want))
		}
	}
	all := d.list("/api/v1/tickets?limit=500").Items
	tests := map[string]struct {
		query string
		match []func(*entities.Ticket) bool
	}{
		"status":             {"status=5", []func(*entities.Ticket) bool{status(5)}},
		"another status":     {"status=12", []func(*entities.Ticket) bool{status(12)}},
		"company":            {"companyId=212", []func(*entities.Ticket) bool{company(212)}},
		"the tenant's own":   {"companyId=0", []func(*entities.Ticket) bool{company(0)}},
		"words of the title": {"q=certificate", []func(*entities.Ticket) bool{title("certificate")}},
		"all three":          {"companyId=212&status=1&q=expires", []func(*entities.Ticket) bool{status(1), company(212), title("expires")}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []int64
			for _, ticket := range all {
				good := true
				for _, match := range test.match {
					good = good && match(ticket)
				}
				if good {
					want = append(want, ticket.ID.Or(0))
				}
			}
			require.NotEmpty(t, want)
			var got []int64
			for _, ticket := range d.list("/api/v1/tickets?limit=500&" + test.query).Items {
				if ticket.ID.Or(0) <= all[len(all)-1].ID.Or(0) {
					got = append(got, ticket.ID.Or(0))
				}
			}
			require.Equal(t, want, got)
		})
	}
}

// A cursor goes on with the list it came from, whatever the size of the page and the order of the parameters.
func TestCursorKeepsTheFilter(t *testing.T) {
	t.Parallel()
	d := start(t)
	first := d.list("/api/v1/tickets?status=5&companyId=212&limit=2")
	require.Len(t, first.Items, 2)
	second := d.list("/api/v1/tickets?limit=1&companyId=212&status=5&cursor=" + first.NextCursor)
	third := d.list("/api/v1/tickets?limit=500&companyId=212&status=5&cursor=" + second.NextCursor)
	require.Empty(t, third.NextCursor)
	var got []int64
	for _, ticket := range append(append(first.Items, second.Items...), third.Items...) {
		got = append(got, ticket.ID.Or(0))
	}
	var want []int64
	for _, ticket := range d.list("/api/v1/tickets?status=5&companyId=212&limit=500").Items {
		want = append(want, ticket.ID.Or(0))
	}
	require.Equal(t, want, got)
}

// A ticket that is made while somebody reads page after page comes at the end, and moves no other.
func TestListWhileTicketsAreMade(t *testing.T) {
	t.Parallel()
	d := start(t)
	first := d.list("/api/v1/tickets?limit=500")
	d.write(http.MethodPost, "/api/v1/tickets", newTicket()).Status(http.StatusCreated)
	second := d.list("/api/v1/tickets?limit=500&cursor=" + first.NextCursor)
	third := d.list("/api/v1/tickets?limit=500&cursor=" + second.NextCursor)
	require.Equal(t, int64(7501), second.Items[0].ID.Or(0))
	require.Len(t, third.Items, 204)
	require.Equal(t, "Scanner offline", third.Items[203].Title.Or(""))
}

func TestGet(t *testing.T) {
	t.Parallel()
	d := start(t)
	d.costs("Tickets", 1, func() {
		ticket := d.ticket("/api/v1/tickets/7001")
		require.Equal(t, int64(7001), ticket.ID.Or(0))
		require.Equal(t, "T20240101.0001", ticket.TicketNumber.Or(""))
	})
	d.costs("Tickets", 1, func() { d.ticket("/api/v1/tickets/7001") })
}

func TestGetUnknown(t *testing.T) {
	t.Parallel()
	d := start(t)
	for _, id := range []string{"0", "1", "8204", "9223372036854775807"} {
		d.costs("Tickets", 1, func() {
			problem := d.Get("/api/v1/tickets/" + id).Do().Status(http.StatusNotFound).Problem()
			require.NotEmpty(t, problem.Detail)
			require.Equal(t, "/api/v1/tickets/"+id, problem.Instance)
		})
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	d := start(t)
	path := "/api/v1/tickets/7001/notes"
	before, _ := d.notes(path)
	note := object{"title": "Called", "description": "Nobody there", "noteType": 3, "publish": 1, "ticketID": 7002}
	d.costs("TicketNotes", 1, func() {
		var made entities.TicketNote
		resp := d.write(http.MethodPost, path, note).Status(http.StatusCreated).JSON(&made)
		require.Equal(t, path, resp.Header.Get("Location"))
		require.Equal(t, int64(7001), made.TicketID.Or(0), "the path says which ticket")
		require.NotZero(t, made.ID.Or(0))
		require.Equal(t, "Called", made.Title.Or(""))
	})
	d.costs("TicketNotes", 1, func() {
		after, next := d.notes(path)
		require.Empty(t, next)
		require.Len(t, after, len(before)+1)
		require.Equal(t, "Nobody there", after[len(after)-1].Description.Or(""))
		require.Equal(t, int64(7001), after[len(after)-1].TicketID.Or(0))
	})
	require.JSONEq(t, `{"items":[]}`, string(d.Get("/api/v1/tickets/1/notes").Do().Status(http.StatusOK).Body))
}

func TestNotesPageByPage(t *testing.T) {
	t.Parallel()
	d := start(t)
	const path = "/api/v1/tickets/7001/notes"
	for i := range 5 {
		note := object{"title": strconv.Itoa(i), "description": "Nobody there", "noteType": 3, "publish": 1}
		d.write(http.MethodPost, path, note).Status(http.StatusCreated)
	}
	want, _ := d.notes(path)
	var got []*entities.TicketNote
	for cursor := ""; ; {
		items, next := d.notes(path + "?limit=2" + cursor)
		got = append(got, items...)
		if next == "" {
			break
		}
		require.Len(t, items, 2)
		cursor = "&cursor=" + next
	}
	require.Equal(t, want, got)
}

// notes reads one page of notes and the cursor of the next.
func (d desk) notes(path string) (items []*entities.TicketNote, next string) {
	d.t.Helper()
	var list page.List[entities.TicketNote]
	d.Get(path).Do().Status(http.StatusOK).JSON(&list)
	return list.Items, list.NextCursor
}
