package tenant_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/tenant"
)

func benchmark(b *testing.B, k kit, method, path, body string) {
	b.Helper()
	c := request(b, method, path, body)
	b.ReportAllocs()
	for b.Loop() {
		if a := k.Answer(c); a.Status != http.StatusOK {
			b.Fatal(string(a.Body))
		}
	}
}

func BenchmarkGet(b *testing.B) {
	k := newKit(b, tenant.Config{Tickets: 1203})
	id := k.ids("Tickets", all)[100]
	benchmark(b, k, http.MethodGet, fmt.Sprintf("Tickets/%d", id), "")
}

func BenchmarkPage500(b *testing.B) {
	k := newKit(b, tenant.Config{Tickets: 1203})
	benchmark(b, k, http.MethodPost, "Tickets/query", all)
}

// BenchmarkQueryIndexed must not grow with the number of tickets, the page being about the same.
func BenchmarkQueryIndexed(b *testing.B) {
	for _, tickets := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(tickets), func(b *testing.B) {
			k := newKit(b, tenant.Config{Tickets: tickets})
			id := k.ids("Tickets", `{"MaxRecords":1,"filter":[{"op":"gt","field":"companyID","value":0}]}`)[0]
			company := k.item(fmt.Sprintf("Tickets/%d", id))["companyID"]
			q := fmt.Sprintf(`{"MaxRecords":10,"filter":[{"op":"eq","field":"companyID","value":%v}]}`, company)
			require.NotEmpty(b, k.ids("Tickets", q))
			benchmark(b, k, http.MethodPost, "Tickets/query", q)
		})
	}
}

func BenchmarkCreate(b *testing.B) {
	k := newKit(b, tenant.Config{Tickets: 1203})
	benchmark(b, k, http.MethodPost, "Tickets", ticket(""))
}
