package contract_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Autotask signs so
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// callout is a call that a receiver got.
type callout struct {
	path, signature string
	body            []byte
	payload         payload
}

// payload is the body of a callout.
type payload struct {
	Action         string `json:"Action"`
	GUID           string `json:"Guid"`
	EntityType     string `json:"EntityType"`
	ID             int64  `json:"Id"`
	Fields         object `json:"Fields"`
	EventTime      string `json:"EventTime"`
	SequenceNumber int64  `json:"SequenceNumber"`
	PersonID       int64  `json:"PersonID"`
}

// receiver is a server that webhooks call.
type receiver struct {
	at     *tenant
	url    string
	status atomic.Int64  // what it answers to events
	hang   atomic.Bool   // it answers when the caller has gone
	got    chan callout  // in the order in which they came
	gone   chan struct{} // one for each caller that has gone
	over   chan struct{} // closed when the test is over
}

func (at *tenant) receiver() *receiver {
	at.t.Helper()
	r := &receiver{at: at, got: make(chan callout, 10_000), gone: make(chan struct{}, 100), over: make(chan struct{})}
	r.status.Store(http.StatusOK)
	server := httptest.NewServer(r)
	at.t.Cleanup(func() { close(r.over); server.Close() })
	r.url = server.URL + "/events"
	return r
}

// ServeHTTP implements [http.Handler].
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	status, hang := int(r.status.Load()), r.hang.Load() // before the test knows of the callout and changes them
	c := callout{path: req.URL.Path, signature: req.Header.Get("X-Hook-Signature"), body: body}
	_ = json.Unmarshal(body, &c.payload)
	r.got <- c
	if hang {
		select {
		case <-req.Context().Done():
			r.gone <- struct{}{}
		case <-r.over:
		}
		return
	}
	if c.path == "/events" {
		w.WriteHeader(status)
	}
}

// next waits for the next callout.
func (r *receiver) next() callout {
	r.at.t.Helper()
	limit := time.NewTimer(5 * time.Second)
	defer limit.Stop()
	select {
	case c := <-r.got:
		return c
	case <-limit.C:
		require.Fail(r.at.t, "no callout came")
		return callout{}
	}
}

// quiet waits until the simulator has nothing to deliver, and requires that nothing was.
func (r *receiver) quiet() {
	r.at.t.Helper()
	r.at.order("webhooks/wait", object{"timeout": "5s"})
	require.Empty(r.at.t, r.got)
}

// secretOfHooks signs callouts.
const secretOfHooks = "a secret of the contract suite"

// subscription is the body of a new webhook, which is not active yet.
func (r *receiver) subscription(more object) object {
	body := object{
		"name": "Contract suite", "webhookUrl": r.url, "deactivationUrl": r.url + "/deactivated", "secretKey": secretOfHooks,
		"isActive": false, "isSubscribedToCreateEvents": true, "isSubscribedToUpdateEvents": true, "isSubscribedToDeleteEvents": true,
		"sendThresholdExceededNotification": false,
	}
	maps.Copy(body, more)
	return body
}

// subscribe makes a webhook about an entity, TicketWebhooks for tickets, with these subscribed fields, and activates it.
func (r *receiver) subscribe(webhooks string, more object, fields ...string) int64 {
	r.at.t.Helper()
	id := r.at.post(webhooks, r.subscription(more)).itemID()
	for _, name := range fields {
		r.at.subscribeField(webhooks, id, name, object{"isSubscribedField": true, "isDisplayAlwaysField": false}).itemID()
	}
	r.at.patch(webhooks, object{"id": id, "isActive": true}).itemID()
	return id
}

// subscribeField adds a field to a webhook, by the number that the picklist gives it.
func (at *tenant) subscribeField(webhooks string, id int64, name string, more object) answer {
	at.t.Helper()
	for _, v := range fieldOf(at, strings.TrimSuffix(webhooks, "s")+"Fields", "fieldID").PicklistValues {
		if strings.EqualFold(v.Label, name) {
			return at.post(fmt.Sprintf("%s/%d/Fields", webhooks, id), plus(more, "fieldID", json.Number(v.Value)))
		}
	}
	require.Failf(at.t, "no such field", "%s in the picklist of %s", name, webhooks)
	return answer{}
}

// attempts are the simulator's own record of the callouts with an action: number and status of each.
func (at *tenant) attempts(action string) (list [][2]int) {
	at.t.Helper()
	var all []struct {
		Action  string `json:"action"`
		Attempt int    `json:"attempt"`
		Status  int    `json:"status"`
	}
	at.told("deliveries", &all)
	for _, d := range all {
		if d.Action == action {
			list = append(list, [2]int{d.Attempt, d.Status})
		}
	}
	return list
}

// sign is the header of a signed text.
func sign(signed string) string {
	mac := hmac.New(sha1.New, []byte(secretOfHooks))
	_, _ = io.WriteString(mac, signed)
	return "sha1=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// escaped is the form of a body that is signed in practice: inside of strings & < > ' ` + and what is not ASCII as \uXXXX,
// an escaped quote as \u0022.
func escaped(body string) string {
	return regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).ReplaceAllStringFunc(body, func(literal string) string {
		var b strings.Builder
		for _, r := range strings.ReplaceAll(literal[1:len(literal)-1], `\"`, `\u0022`) {
			switch {
			case strings.ContainsRune("&<>'`+", r):
				fmt.Fprintf(&b, `\u%04X`, r)
			case r > 127:
				for _, unit := range utf16.AppendRune(nil, r) {
					fmt.Fprintf(&b, `\u%04X`, unit)
				}
			default:
				b.WriteRune(r)
			}
		}
		return `"` + b.String() + `"`
	})
}
