package entities_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/entities"
)

func TestOptional(t *testing.T) {
	t.Parallel()
	var unset entities.Optional[int64]
	zero := entities.Some[int64](0)
	null := entities.Null[int64]()

	_, ok := unset.Get()
	require.False(t, ok)
	_, ok = null.Get()
	require.False(t, ok)
	v, ok := zero.Get()
	require.True(t, ok)
	require.Zero(t, v)
	require.EqualValues(t, 7, unset.Or(7))
	require.EqualValues(t, 7, null.Or(7))
	require.EqualValues(t, 0, zero.Or(7))
	require.Equal(t, []bool{true, false, false}, []bool{unset.IsZero(), null.IsZero(), zero.IsZero()})
	require.Equal(t, []bool{false, true, false}, []bool{unset.IsNull(), null.IsNull(), zero.IsNull()})
	require.Equal(t, []string{"", "null", "0"}, []string{unset.String(), null.String(), zero.String()})
}

func TestEncode(t *testing.T) {
	t.Parallel()
	ticket := entities.Ticket{
		ID:          entities.Some[int64](0),
		QueueID:     entities.Null[int64](),
		Title:       entities.Some("a <b>"),
		DueDateTime: entities.Some(entities.At(time.Date(2024, 5, 17, 11, 30, 0, 123456789, time.FixedZone("", 7200)))),
		UserDefinedFields: entities.UserDefinedFields{
			{Name: "Site", Value: entities.Some("x")}, {Name: "Floor", Value: entities.Null[string]()},
		},
	}
	body, err := json.Marshal(ticket)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":0,"queueID":null,"title":"a <b>","dueDateTime":"2024-05-17T09:30:00.123Z",
		"userDefinedFields":[{"name":"Site","value":"x"},{"name":"Floor","value":null}]}`, string(body))
	body, err = json.Marshal(entities.Ticket{})
	require.NoError(t, err)
	require.Equal(t, "{}", string(body))
}

func TestDecode(t *testing.T) {
	t.Parallel()
	var ticket entities.Ticket
	require.NoError(t, json.Unmarshal([]byte(`{
		"ID": "5", "STATUS": "1", "priority": 3.0, "queueID": null, "title": 7, "problemTicketId": 9, "RMMAlertID": "r",
		"estimatedHours": "1.5", "serviceLevelAgreementHasBeenMet": 1, "createDate": "2024-05-17T09:30:00.1",
		"unknown": {"a": [1]}, "userDefinedFields": [{"name": "Site", "value": "x"}, {"name": "Floor", "value": null}]
	}`), &ticket))
	require.EqualValues(t, 5, ticket.ID.Or(-1))
	require.EqualValues(t, 1, ticket.Status.Or(-1))
	require.EqualValues(t, 3, ticket.Priority.Or(-1))
	require.True(t, ticket.QueueID.IsNull())
	require.True(t, ticket.CompanyID.IsZero())
	require.Equal(t, "7", ticket.Title.Or(""))
	require.EqualValues(t, 9, ticket.ProblemTicketID.Or(-1))
	require.Equal(t, "r", ticket.RMMAlertID.Or(""))
	require.InDelta(t, 1.5, ticket.EstimatedHours.Or(0), 0)
	require.True(t, ticket.ServiceLevelAgreementHasBeenMet.Or(false))
	require.Equal(t, time.Date(2024, 5, 17, 9, 30, 0, 100e6, time.UTC), ticket.CreateDate.Or(entities.Time{}).Time)
	site, ok := ticket.UserDefinedFields.Get("Site")
	require.True(t, ok)
	require.Equal(t, "x", site)
	_, ok = ticket.UserDefinedFields.Get("Floor")
	require.False(t, ok)
	_, ok = ticket.UserDefinedFields.Get("None")
	require.False(t, ok)
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"id":"x"}`:               `"x" is no integer`,
		`{"id":1.5}`:               `1.5 is no integer`,
		`{"id":1e300}`:             `1e300 is no integer`,
		`{"id":""}`:                `"" is no integer`,
		`{"id":[1]}`:               `[1] is no integer`,
		`{"estimatedHours":"NaN"}`: `"NaN" is no number`,
		`{"estimatedHours":{}}`:    `{} is no number`,
		`{"title":{"a":1}}`:        `{"a":1} is no string`,
		`{"title":[]}`:             `[] is no string`,
		`{"serviceLevelAgreementHasBeenMet":"maybe"}`: `"maybe" is no boolean`,
		`{"createDate":"yesterday"}`:                  `"yesterday" is no time`,
		`{"createDate":5}`:                            `5 is no time`,
		`{"id":"` + strings.Repeat("9", 200) + `"}`:   `"` + strings.Repeat("9", 39) + `… is no integer`,
	} {
		err := json.Unmarshal([]byte(body), new(entities.Ticket))
		require.ErrorContains(t, err, want)
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"2024-05-17T09:30:00.123Z":      "2024-05-17T09:30:00.123Z",
		"2024-05-17T09:30:00.123":       "2024-05-17T09:30:00.123Z",
		"2024-05-17T09:30:00.1234567":   "2024-05-17T09:30:00.123Z",
		"2024-05-17T09:30:00":           "2024-05-17T09:30:00.000Z",
		"2024-05-17T09:30":              "2024-05-17T09:30:00.000Z",
		"2024-05-17 09:30:00":           "2024-05-17T09:30:00.000Z",
		"2024-05-17T09:30:00+02:00":     "2024-05-17T07:30:00.000Z",
		"2024-05-17":                    "2024-05-17",
		"2024-05-17T00:00:00.000+00:00": "2024-05-17T00:00:00.000Z",
	}
	for text, want := range tests {
		parsed, err := entities.ParseTime(text)
		require.NoError(t, err, text)
		require.Equal(t, want, parsed.String())
		require.Equal(t, len(want) == len("2024-05-17"), parsed.IsDate())
		body, err := json.Marshal(parsed)
		require.NoError(t, err)
		require.Equal(t, `"`+want+`"`, string(body))
	}
	require.Equal(t, "2024-05-17", entities.Date(2024, time.May, 17).String())
	var left entities.Time
	require.NoError(t, json.Unmarshal([]byte("null"), &left))
	require.True(t, left.IsZero())
}

func TestRecords(t *testing.T) {
	t.Parallel()
	note := &entities.TicketNote{ID: entities.Some[int64](1), TicketID: entities.Some[int64](5)}
	require.EqualValues(t, 1, note.RecordID().Or(0))
	require.EqualValues(t, 5, note.ParentID().Or(0))
	require.Equal(t, &entities.TicketNote{TicketID: entities.Some[int64](5)}, note.WithoutID())
	require.EqualValues(t, 1, note.ID.Or(0), "the original keeps its id")
	require.EqualValues(t, 0, (&entities.Contact{CompanyID: entities.Some[int64](0)}).ParentID().Or(-1))
	for _, root := range []interface {
		ParentID() entities.Optional[int64]
	}{
		&entities.Company{}, &entities.Ticket{}, &entities.TimeEntry{},
	} {
		require.True(t, root.ParentID().IsZero())
	}
}

// What is read can be written and read again, and is the same; nothing panics.
func FuzzOptional(f *testing.F) {
	for _, seed := range []string{`5`, `"5"`, `5.0`, `null`, `true`, `"2024-05-17"`, `"\u0000"`, `[]`, `1e999`, `""`, `"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		roundTrip[int64](t, text)
		roundTrip[float64](t, text)
		roundTrip[string](t, text)
		roundTrip[bool](t, text)
		roundTrip[entities.Time](t, text)
	})
}

func roundTrip[T any](t *testing.T, text string) {
	t.Helper()
	var first, second entities.Optional[T]
	if json.Unmarshal([]byte(text), &first) != nil {
		return
	}
	body, err := json.Marshal(first)
	if err != nil {
		return // years beyond 9999 and the like
	}
	require.NoError(t, json.Unmarshal(body, &second), "%s became %s", text, body)
	require.Equal(t, first.String(), second.String())
}

func BenchmarkDecodeTickets(b *testing.B) {
	ticket := `{"id":17,"companyID":29,"title":"Printer is on fire","status":1,"priority":2,"queueID":null,
		"createDate":"2024-05-17T09:30:00.123","description":"It burns.","ticketNumber":"T20240517.0001","estimatedHours":1.5}`
	page := []byte(`[` + strings.Repeat(ticket+",", 499) + ticket + `]`)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		var tickets []*entities.Ticket
		if err := json.Unmarshal(page, &tickets); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleSome() {
	patch := entities.Ticket{
		ID:      entities.Some[int64](17),
		Status:  entities.Some[int64](5),
		QueueID: entities.Null[int64](),
	}
	body, err := json.Marshal(patch)
	fmt.Println(string(body), err)
	// Output: {"id":17,"queueID":null,"status":5} <nil>
}
