package rule_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/rule"
)

func at(hour int) rule.Writer { return rule.Writer{Resource: apiUser, At: day(hour)} }

func TestS15ReadOnlyFields(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	const sent = `,"createDate":"1999-01-01","ticketNumber":"mine","lastActivityDate":"nonsense"`
	got := k.item("Tickets", k.created("Tickets", ticket(sent)))
	require.Equal(t, "2024-01-15T09:00:00.000", got["createDate"])
	require.Equal(t, "T20240115.0001", got["ticketNumber"])

	w := writer()
	w.RefuseReadOnly = true
	_, out := k.post("Tickets", ticket(sent), nil, w)
	require.Equal(t, []string{
		"The field: createDate is read-only.", "The field: lastActivityDate is read-only.", "The field: ticketNumber is read-only.",
	}, out.Problems)
	_, out = k.post("Tickets", ticket(`,"id":0`), nil, w)
	require.Empty(t, out.Problems, "the id has rules of its own")
	out = k.write("Tickets", 2, `{"id":2,"createDate":null}`, nil, false, w)
	require.Equal(t, []string{"The field: createDate is read-only."}, out.Problems)
}

func TestS15NewTicket(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	got := k.item("Tickets", k.created("Tickets", ticket("")))
	const now = "2024-01-15T09:00:00.000"
	for name, want := range map[string]any{
		"createDate": now, "lastActivityDate": now, "lastTrackedModificationDateTime": now,
		"creatorResourceID": float64(apiUser), "lastActivityResourceID": float64(apiUser),
		"creatorType": 1.0, "lastActivityPersonType": 1.0, "impersonatorCreatorResourceID": nil, "completedDate": nil,
		"serviceLevelAgreementHasBeenMet": nil,
	} {
		require.Equal(t, want, got[name], name)
	}
}

func TestS15TicketNumbers(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	number := func(entity, body, field string, parent *int64, at time.Time) any {
		id, out := k.post(entity, body, parent, rule.Writer{Resource: apiUser, At: at})
		require.Empty(t, out.Problems)
		return k.item(entity, id)[field]
	}
	sydney := time.FixedZone("Sydney", 11*60*60)
	require.Equal(t, "T20240115.0001", number("Tickets", ticket(""), "ticketNumber", nil, day(9)))
	k.refused("Tickets", `{}`)
	require.Equal(t, "T20240115.0002", number("Tickets", ticket(""), "ticketNumber", nil, day(23)), "a refused one takes no number")
	require.Equal(t, "T20240115.0003", number("Tickets", ticket(""), "ticketNumber", nil, day(23).In(sydney)), "the day is UTC's")
	require.Equal(t, "T20240116.0001", number("Tickets", ticket(""), "ticketNumber", nil, day(24)))
	task := `{"title":"T","status":1,"taskType":1}`
	require.Equal(t, "T20240115.0004", number("Tasks", task, "taskNumber", new(int64(1)), day(9)), "tasks count with tickets")
	project := `{"companyID":0,"projectName":"P","projectType":5,"status":1,"startDateTime":"2024-01-15","endDateTime":"2024-02-15"}`
	require.Equal(t, "P20240115.0001", number("Projects", project, "projectNumber", nil, day(9)))
}

func TestS15Change(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id := k.created("Tickets", ticket(""))
	out := k.write("Tickets", id, `{"title":"x"}`, nil, false, rule.Writer{Resource: other, At: day(10)})
	require.Empty(t, out.Problems)
	got := k.item("Tickets", id)
	require.Equal(t, "2024-01-15T09:00:00.000", got["createDate"])
	require.Equal(t, "2024-01-15T10:00:00.000", got["lastActivityDate"])
	require.Equal(t, "2024-01-15T10:00:00.000", got["lastTrackedModificationDateTime"])
	require.InDelta(t, apiUser, got["creatorResourceID"], 0)
	require.InDelta(t, other, got["lastActivityResourceID"], 0)
}

func TestS15Completion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		entity, body, date string
		parent             *int64
	}{
		"ticket":  {"Tickets", ticket(""), "completedDate", nil},
		"task":    {"Tasks", `{"title":"T","status":1,"taskType":1}`, "completedDateTime", new(int64(1))},
		"project": {"Projects", `{"companyID":0,"projectName":"P","projectType":5,"status":1,"startDateTime":"2024-01-15","endDateTime":"2024-02-15"}`, "completedDateTime", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			id, out := k.post(tt.entity, tt.body, tt.parent, at(9))
			require.Empty(t, out.Problems)
			require.Nil(t, k.item(tt.entity, id)[tt.date])
			set := func(status, hour int) map[string]any {
				out := k.write(tt.entity, id, fmt.Sprintf(`{"status":%d}`, status), nil, false, at(hour))
				require.Empty(t, out.Problems)
				return k.item(tt.entity, id)
			}
			require.Equal(t, "2024-01-15T10:00:00.000", set(5, 10)[tt.date])
			done := set(5, 11)
			require.Equal(t, "2024-01-15T10:00:00.000", done[tt.date], "it was complete already")
			if tt.entity != "Projects" {
				require.InDelta(t, apiUser, done["completedByResourceID"], 0)
			}
			again := set(1, 12)
			require.Nil(t, again[tt.date])
			require.Nil(t, again["completedByResourceID"])
			require.Nil(t, again["completedByType"])
		})
	}
	k := newKit(t)
	id := k.created("Tickets", ticket(`,"Status":5`))
	require.NotNil(t, k.item("Tickets", id)["completedDate"], "a ticket may begin complete")
}

func TestS15Resolution(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id := k.created("Tickets", ticket(""))
	set := func(status, hour int) any {
		require.Empty(t, k.write("Tickets", id, fmt.Sprintf(`{"status":%d}`, status), nil, false, at(hour)).Problems)
		return k.item("Tickets", id)["resolvedDateTime"]
	}
	require.Nil(t, k.item("Tickets", id)["resolvedDateTime"])
	require.Equal(t, "2024-01-15T10:00:00.000", set(5, 10))
	require.Equal(t, "2024-01-15T10:00:00.000", set(5, 11), "it was complete already")
	require.Nil(t, set(1, 12), "it is open again")

	table := k.table("Tickets")
	resolved, _ := table.Ordinal("resolvedDateTime")
	k.store.Update(func(tx *record.Tx) {
		row, _ := tx.Find(table, id)
		vals := row.Values(table)
		vals[resolved] = record.StampOf(day(8))
		tx.Replace(table, id, vals)
	})
	require.Equal(t, "2024-01-15T08:00:00.000", set(5, 13), "it was resolved before")
}

func TestS15ProjectSaysItself(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id := k.created("Projects", `{"companyID":0,"projectName":"P","projectType":5,"status":5,"startDateTime":"2024-01-15",
		"endDateTime":"2024-02-15","completedDateTime":"2024-02-01"}`)
	require.Equal(t, "2024-02-01T00:00:00.000", k.item("Projects", id)["completedDateTime"])
}

func TestS15TimeEntry(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	onTicket := k.created("TimeEntries", `{"resourceID":1,"ticketID":1,"timeEntryType":9}`)
	onTask := k.created("TimeEntries", `{"resourceID":1,"taskID":1}`)
	require.InDelta(t, 2, k.item("TimeEntries", onTicket)["timeEntryType"], 0)
	got := k.item("TimeEntries", onTask)
	require.InDelta(t, 6, got["timeEntryType"], 0)
	require.InDelta(t, apiUser, got["creatorUserID"], 0)
	require.InDelta(t, apiUser, got["lastModifiedUserID"], 0)
	require.Equal(t, false, got["isNonBillable"])
	require.Empty(t, k.patch("TimeEntries", onTask, `{"taskID":null,"ticketID":1}`))
	require.InDelta(t, 2, k.item("TimeEntries", onTask)["timeEntryType"], 0)
}

func TestS15ActivityAbove(t *testing.T) {
	t.Parallel()
	company := `{"companyName":"A","companyType":1,"ownerResourceID":1,"phone":"1"}`
	project := `{"companyID":0,"projectName":"P","projectType":5,"status":1,"startDateTime":"2024-01-15","endDateTime":"2024-02-15"}`
	task := `{"title":"T","status":1,"taskType":1}`
	tests := map[string]struct {
		above, body, entity, below, date string
		parent                           bool // the path says whose it is
	}{
		"note":       {"Tickets", ticket(""), "TicketNotes", note + `}`, "lastActivityDate", true},
		"time entry": {"Tickets", ticket(""), "TimeEntries", `{"resourceID":1,"ticketID":%d}`, "lastActivityDate", false},
		"attachment": {"Tickets", ticket(""), "TicketAttachments", `{"attachmentType":"FILE_ATTACHMENT","fullPath":"a","title":"a","publish":1}`, "lastActivityDate", true},
		"contact":    {"Companies", company, "Contacts", `{"firstName":"A","lastName":"B","isActive":1}`, "lastActivityDate", true},
		"task":       {"Projects", project, "Tasks", task, "lastActivityDateTime", true},
		"on a task":  {"Tasks", task, "TimeEntries", `{"resourceID":1,"taskID":%d}`, "lastActivityDateTime", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			var top *int64
			if tt.above == "Tasks" {
				top = new(int64(1))
			}
			above, out := k.post(tt.above, tt.body, top, at(9))
			require.Empty(t, out.Problems)
			body, parent := tt.below, &above
			if !tt.parent {
				body, parent = fmt.Sprintf(tt.below, above), nil
			}
			before := k.item(tt.above, above)
			_, out = k.post(tt.entity, body, parent, rule.Writer{Resource: other, At: day(12)})
			require.Empty(t, out.Problems)
			after := k.item(tt.above, above)
			require.Equal(t, "2024-01-15T12:00:00.000", after[tt.date])
			changed := map[string]bool{tt.date: true, "lastActivityResourceID": true, "lastActivityPersonType": true}
			for field, v := range before {
				if !changed[field] {
					require.Equal(t, v, after[field], field)
				}
			}
			if _, ok := after["lastActivityResourceID"]; ok {
				require.InDelta(t, other, after["lastActivityResourceID"], 0)
			}
		})
	}
}

func TestS15NothingAbove(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.store.Update(func(tx *record.Tx) {
		entries := k.table("TimeEntries")
		rule.Written(tx, entries, nil, writer())
		vals := make([]any, len(entries.Columns()))
		ord, _ := entries.Ordinal("ticketID")
		vals[ord] = int64(987654321)
		rule.Written(tx, entries, vals, writer())
	})
}

func TestS20Impersonation(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	acting := rule.Writer{Resource: other, Impersonator: apiUser, At: day(9)}
	id, out := k.post("TicketNotes", note+`}`, new(int64(1)), acting)
	require.Empty(t, out.Problems)
	got := k.item("TicketNotes", id)
	require.InDelta(t, other, got["creatorResourceID"], 0)
	require.InDelta(t, apiUser, got["impersonatorCreatorResourceID"], 0)
	require.Nil(t, got["impersonatorUpdaterResourceID"])
	out = k.write("TicketNotes", id, `{"title":"x"}`, nil, false, acting)
	require.Empty(t, out.Problems)
	require.InDelta(t, apiUser, k.item("TicketNotes", id)["impersonatorUpdaterResourceID"], 0)
	require.Empty(t, k.patch("TicketNotes", id, `{"title":"y"}`))
	require.InDelta(t, apiUser, k.item("TicketNotes", id)["impersonatorUpdaterResourceID"], 0, "nobody is impersonated now")

	own := k.item("Tickets", k.created("Tickets", ticket("")))
	require.Nil(t, own["impersonatorCreatorResourceID"])
}

func TestBooleansOfANewRecord(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	company := k.item("Companies", k.created("Companies", `{"companyName":"A","companyType":1,"ownerResourceID":1,"phone":"1"}`))
	require.Equal(t, true, company["isActive"])
	require.Equal(t, false, company["isTaxExempt"])
	require.Nil(t, company["isTaskFireActive"], "read-only: nobody says")
	off := k.created("Companies", `{"companyName":"A","companyType":1,"ownerResourceID":1,"phone":"1","isActive":false,"isTaxExempt":null}`)
	require.Equal(t, false, k.item("Companies", off)["isActive"])
	require.Nil(t, k.item("Companies", off)["isTaxExempt"], "null is a value")
	hook := k.item("TicketWebhooks", k.created("TicketWebhooks", `{"name":"n","webhookUrl":"https://a.example","deactivationUrl":"https://a.example"}`))
	require.Equal(t, false, hook["isActive"], "a webhook begins inactive")
	require.Equal(t, false, hook["isSubscribedToCreateEvents"])
}
