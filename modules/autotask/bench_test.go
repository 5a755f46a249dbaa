package autotask_test

import (
	"testing"

	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
)

// unlimited is a client whose every request is answered with body, by nobody.
func unlimited(b *testing.B, body string) *autotask.Client {
	b.Helper()
	cfg := access()
	cfg.APIURL, cfg.HourlyLimit = "https://webservices3.autotask.net/", 1<<30
	return newClient(b, cfg, tripper(answers(200, body).to))
}

// The whole way out and back, without the network.
func BenchmarkGet(b *testing.B) {
	client := unlimited(b, `{"item":{"id":1,"title":"Printer is on fire","status":1}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Tickets.Get(b.Context(), 1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	client := unlimited(b, empty)
	q := query.New().Where(query.Eq("status", 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Tickets.Page(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}
