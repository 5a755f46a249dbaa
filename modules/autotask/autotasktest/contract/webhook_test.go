package contract_test

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
)

// Webhooks: S46 to S49.
func webhookCases() []behaviour {
	return []behaviour{
		{46, "webhooks_and_their_children", "SW OD", control | misuse, webhooks},
		{47, "signed_deliveries", "OD LIVE", control, deliveries},
		{48, "retries_and_error_log", "OD", control, retries},
		{49, "deactivation_and_excluded_resources", "OD", control, deactivation},
	}
}

func webhooks(at *tenant) {
	r := at.receiver()
	for _, of := range []string{"Company", "Contact", "ConfigurationItem", "Ticket", "TicketNote"} {
		path := of + "Webhooks"
		at.post(path, r.subscription(object{"isActive": true})).is(http.StatusInternalServerError).refused() // it has no field yet
		id := at.post(path, r.subscription(nil)).itemID()
		made := at.read(path, id)
		require.Equal(at.t, false, made["isActive"])
		require.NotEmpty(at.t, text(at.t, made["webhookGUID"]))
		at.patch(path, object{"id": id, "isActive": true}).is(http.StatusInternalServerError).refused()

		fields := fmt.Sprintf("%s/%d/Fields", path, id)
		name := map[string]string{"Company": "companyName", "Contact": "lastName", "ConfigurationItem": "serialNumber"}[of]
		if name == "" {
			name = "title"
		}
		child := at.subscribeField(path, id, name, object{"isSubscribedField": true, "isDisplayAlwaysField": true}).itemID()
		require.Equal(at.t, []int64{child}, at.get(fields).page().ids(at.t))
		at.patch(path, object{"id": id, "isActive": true}).itemID()
		require.Equal(at.t, true, at.read(path, id)["isActive"])
		at.post(path, r.subscription(object{"name": "Again"})).is(http.StatusInternalServerError).refused() // entity, URL and kinds as before

		resource := whole(at.t, at.first("Resources", everything())["id"])
		excluded := fmt.Sprintf("%s/%d/ExcludedResources", path, id)
		out := at.post(excluded, object{"resourceID": resource}).itemID()
		require.Equal(at.t, []int64{out}, at.get(excluded).page().ids(at.t))
		require.Equal(at.t, out, at.delete(fmt.Sprintf("%s/%d", excluded, out)).itemID())
		if of == "TicketNote" {
			at.get(fmt.Sprintf("%s/%d/UdfFields", path, id)).message(http.StatusNotFound)
		} else {
			at.get(fmt.Sprintf("%s/%d/UdfFields", path, id)).page()
		}
		require.Equal(at.t, id, at.put(path, r.subscription(object{"id": id, "name": "Put"})).itemID())
		require.Equal(at.t, "Put", at.read(path, id)["name"])
		require.Equal(at.t, id, at.delete(fmt.Sprintf("%s/%d", path, id)).itemID())
		require.Zero(at.t, at.count(path, where("eq", "id", id)))
	}
	at.post("TicketWebhooks", r.subscription(object{"webhookUrl": nil})).refused()
	tooMany(at, r)
}

func tooMany(at *tenant, r *receiver) {
	at.t.Helper()
	if o, ok := at.other("WEBHOOK_LIMIT=2"); ok {
		for i := range 2 {
			o.post("TicketWebhooks", r.subscription(object{"webhookUrl": r.url + strconv.Itoa(i)})).itemID()
		}
		o.post("CompanyWebhooks", r.subscription(nil)).is(http.StatusInternalServerError).refused()
	}
}

// difficult is a title whose escaped form is not its raw one.
const difficult = "Größe <b> & \"quoted\" 'it' `x` a+b \U0001F600 end"

func deliveries(at *tenant) {
	r := at.receiver()
	id := r.subscribe("TicketWebhooks", nil, "title", "status")
	guid := text(at.t, at.read("TicketWebhooks", id)["webhookGUID"])
	ticket := at.create(object{"title": difficult})
	self := whole(at.t, at.read("Tickets", ticket)["creatorResourceID"])

	made := r.next()
	require.Equal(at.t, "/events", made.path)
	require.Equal(at.t, []string{"Create", guid, "Ticket"}, []string{made.payload.Action, made.payload.GUID, made.payload.EntityType})
	require.Equal(at.t, []int64{ticket, self}, []int64{made.payload.ID, made.payload.PersonID})
	require.Equal(at.t, difficult, made.payload.Fields["title"])
	require.Contains(at.t, made.payload.Fields, "status")
	require.NotEmpty(at.t, made.payload.EventTime)
	if at.local {
		require.Equal(at.t, sign(escaped(string(made.body))), made.signature)
	} else {
		require.Contains(at.t, []string{sign(escaped(string(made.body))), sign(string(made.body))}, made.signature)
	}
	require.NotEqual(at.t, string(made.body), escaped(string(made.body)))

	at.patch("Tickets", object{"id": ticket, "title": "Changed"}).itemID()
	changed := r.next()
	require.Equal(at.t, "Update", changed.payload.Action)
	require.Equal(at.t, object{"title": "Changed"}, changed.payload.Fields)
	require.Equal(at.t, made.payload.SequenceNumber+1, changed.payload.SequenceNumber)
	at.patch("Tickets", object{"id": ticket, "description": "nobody asked"}).itemID()
	r.quiet()
	deletedContact(at, r)
	if o, ok := at.other("WEBHOOK_SIGNATURE=raw"); ok {
		raw := o.receiver()
		raw.subscribe("TicketWebhooks", nil, "title")
		o.create(object{"title": difficult})
		got := raw.next()
		require.Equal(at.t, sign(string(got.body)), got.signature)
	}
}

// deletedContact is about deletes: tickets have none.
func deletedContact(at *tenant, r *receiver) {
	at.t.Helper()
	r.subscribe("ContactWebhooks", nil, "lastName")
	contact := at.post("Companies/0/Contacts", object{"firstName": "A", "lastName": "Guest", "isActive": 1}).itemID()
	require.Equal(at.t, "Create", r.next().payload.Action)
	at.delete(fmt.Sprintf("Companies/0/Contacts/%d", contact)).itemID()
	gone := r.next().payload
	require.Equal(at.t, "Delete", gone.Action)
	require.Equal(at.t, contact, gone.ID)
}

func retries(at *tenant) {
	hanging := at.receiver()
	hanging.hang.Store(true)
	hanging.subscribe("ContactWebhooks", nil, "lastName")
	contact := whole(at.t, at.first("Contacts", everything())["id"])
	company := at.read("Contacts", contact)["companyID"]
	began := time.Now() // goes on meanwhile
	at.patch(fmt.Sprintf("Companies/%v/Contacts", company), object{"id": contact, "lastName": "Slow"}).itemID()
	hanging.next()

	r := at.receiver()
	r.status.Store(http.StatusInternalServerError)
	r.subscribe("TicketWebhooks", nil, "title")
	ticket := at.create(object{"title": "First"})
	first := r.next()
	at.patch("Tickets", object{"id": ticket, "title": "Second"}).itemID()
	at.advance(15 * time.Second)
	mark(at)
	for i := range 4 {
		require.Empty(at.t, r.got, "nothing before 30 s are over, and nothing before the first one")
		at.advance(map[bool]time.Duration{true: 15 * time.Second, false: 30 * time.Second}[i == 0])
		again := r.next()
		require.Equal(at.t, first.body, again.body)
		require.Equal(at.t, first.signature, again.signature)
	}
	second := r.next() // the first one was dropped after five attempts
	require.Equal(at.t, first.payload.SequenceNumber+1, second.payload.SequenceNumber)
	require.Equal(at.t, [][2]int{{1, 500}, {2, 500}, {3, 500}, {4, 500}, {5, 500}}, at.attempts("Create"))
	dropped := at.first("WebhookEventErrorLogs", everything())
	require.JSONEq(at.t, string(first.body), text(at.t, dropped["payload"]))
	require.Equal(at.t, first.payload.SequenceNumber, whole(at.t, dropped["sequenceNumber"]))
	require.NotEmpty(at.t, text(at.t, dropped["errorMessage"]))
	moment(at.t, dropped["createDateTime"])

	r.status.Store(http.StatusNoContent) // any status of 2xx is a success
	at.advance(30 * time.Second)
	require.Equal(at.t, second.body, r.next().body)
	r.status.Store(http.StatusFound)
	at.patch("Tickets", object{"id": ticket, "title": "Third"}).itemID()
	third := r.next() // a redirect is none
	r.status.Store(http.StatusOK)
	at.advance(30 * time.Second)
	require.Equal(at.t, third.body, r.next().body)
	require.Len(at.t, at.find("WebhookEventErrorLogs", everything()), 1)
	at.delete(fmt.Sprintf("WebhookEventErrorLogs/%v", dropped["id"])).itemID()

	limit := time.NewTimer(15 * time.Second)
	defer limit.Stop()
	select {
	case <-hanging.gone:
	case <-limit.C:
		require.Fail(at.t, "the caller waits on")
	}
	require.GreaterOrEqual(at.t, time.Since(began), 9*time.Second, "10 s for an answer")
	hanging.hang.Store(false)
}

// mark returns when a callout that is asked for now was delivered: others that were due have been, too.
func mark(at *tenant) {
	at.t.Helper()
	r := at.receiver()
	r.subscribe("CompanyWebhooks", nil, "companyName")
	at.patch("Companies", object{"id": 0, "companyName": at.unique()}).itemID()
	r.next()
}

func deactivation(at *tenant) {
	r := at.receiver()
	r.status.Store(http.StatusServiceUnavailable)
	id := r.subscribe("TicketWebhooks", nil, "title")
	ticket := at.create(nil)
	for i := range 23 {
		at.patch("Tickets", object{"id": ticket, "title": fmt.Sprintf("Event %d", i)}).itemID()
	}
	for range 24 * 5 {
		if len(r.got) == 0 {
			at.advance(30 * time.Second)
		}
		require.Equal(at.t, "/events", r.next().path)
	}
	r.quiet()
	require.Equal(at.t, true, at.read("TicketWebhooks", id)["isActive"], "24 have failed")
	at.patch("Tickets", object{"id": ticket, "title": "The last straw"}).itemID()
	at.advance(2 * time.Minute)
	for range 5 {
		require.Equal(at.t, "/events", r.next().path)
	}
	require.Equal(at.t, "/events/deactivated", r.next().path)
	require.Equal(at.t, false, at.read("TicketWebhooks", id)["isActive"])
	at.patch("Tickets", object{"id": ticket, "title": "Told to nobody"}).itemID()
	r.quiet()
	excludedResources(at)
}

func excludedResources(at *tenant) {
	at.t.Helper()
	r := at.receiver()
	id := r.subscribe("TicketWebhooks", nil, "title")
	ticket := at.create(object{"title": "Told"})
	self := whole(at.t, at.read("Tickets", ticket)["creatorResourceID"])
	require.Equal(at.t, self, r.next().payload.PersonID)
	at.post(fmt.Sprintf("TicketWebhooks/%d/ExcludedResources", id), object{"resourceID": self}).itemID()
	at.patch("Tickets", object{"id": ticket, "title": "By ourselves"}).itemID()
	r.quiet()
	other := whole(at.t, at.first("Resources", where("eq", "isActive", true), where("noteq", "id", self))["id"])
	act := with("ImpersonationResourceId", strconv.FormatInt(other, 10))
	at.patch("Tickets", object{"id": ticket, "title": "By another"}, act).itemID()
	told := r.next().payload
	require.Equal(at.t, other, told.PersonID)
	require.Equal(at.t, "By another", told.Fields["title"])
}
