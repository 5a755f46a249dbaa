package tickets_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/entities"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	d := start(t)
	body := newTicket()
	body["description"], body["externalID"], body["id"] = "Since this morning", "SHOP-1", 7001
	var made entities.Ticket
	d.costs("Tickets", 1, func() {
		resp := d.write(http.MethodPost, "/api/v1/tickets", body).Status(http.StatusCreated).JSON(&made)
		require.Equal(t, fmt.Sprintf("/api/v1/tickets/%d", made.ID.Or(0)), resp.Header.Get("Location"))
	})
	require.Equal(t, int64(8204), made.ID.Or(0), "an id in the body does not count")
	require.Equal(t, "SHOP-1", made.ExternalID.Or(""))

	read := d.ticket("/api/v1/tickets/8204")
	require.Equal(t, "Scanner offline", read.Title.Or(""))
	require.Equal(t, "Since this morning", read.Description.Or(""))
	require.Equal(t, "SHOP-1", read.ExternalID.Or(""))
	require.NotEmpty(t, read.TicketNumber.Or(""), "Autotask gave it a number")
}

func TestUpdateOfNoTicket(t *testing.T) {
	t.Parallel()
	start(t).write(http.MethodPatch, "/api/v1/tickets/99", object{"title": "x"}).Status(http.StatusNotFound)
}

// What Autotask says of a faulty record reaches the caller word for word.
func TestAutotaskRefuses(t *testing.T) {
	t.Parallel()
	d := start(t)
	tests := map[string]struct {
		method, path string
		body         object
		want         string
	}{
		"empty ticket": {
			http.MethodPost, "/api/v1/tickets",
			object{},
			"Missing Required Field: companyID. Value does not reference an existing entity for priority .  " +
				"Value does not reference an existing entity for status .  Missing Required Field: title.",
		},
		"status that is none": {
			http.MethodPost, "/api/v1/tickets", with(newTicket(), "status", 99),
			"Value does not reference an existing entity for status . ",
		},
		"company that is none": {
			http.MethodPost, "/api/v1/tickets", with(newTicket(), "companyID", 99),
			"Reference value on field: companyID of type: Company does not exist or is invalid.",
		},
		"resource without a role": {
			http.MethodPatch, "/api/v1/tickets/7001",
			object{"assignedResourceID": 29682885, "assignedResourceRoleID": nil},
			"When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID.",
		},
		"note for a ticket that is none": {
			http.MethodPost, "/api/v1/tickets/1/notes",
			object{"title": "Called", "description": "Nobody there", "noteType": 3, "publish": 1},
			"Reference value on field: ticketID of type: Ticket does not exist or is invalid.",
		},
		"empty note": {
			http.MethodPost, "/api/v1/tickets/7001/notes",
			object{"noteType": 3, "publish": 1},
			"Missing Required Field: description. Missing Required Field: title.",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problem := d.write(test.method, test.path, test.body).Status(http.StatusUnprocessableEntity).Problem()
			require.Equal(t, test.want, problem.Detail)
		})
	}
}

func with(body object, name string, value any) object {
	body[name] = value
	return body
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	d := start(t)
	before := d.ticket("/api/v1/tickets/7001")
	require.False(t, before.Description.IsNull())
	d.costs("Tickets", 1, func() {
		resp := d.write(http.MethodPatch, "/api/v1/tickets/7001", object{"id": 7002, "priority": 3, "description": nil})
		require.JSONEq(t, `{"id":7001,"priority":3,"description":null}`, string(resp.Status(http.StatusOK).Body))
	})
	read := d.ticket("/api/v1/tickets/7001")
	require.Equal(t, int64(3), read.Priority.Or(0))
	require.True(t, read.Description.IsNull(), "null clears a field")
	require.NotEmpty(t, before.Title.Or(""))
	require.Equal(t, before.Title, read.Title, "the others stay")
}
