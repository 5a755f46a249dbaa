package admin

import (
	"net/http"

	"github.com/holdfast-go/holdfast/modules/retry"
)

// Retried is what /retries shows.
type Retried struct {
	Budgets    []retry.BudgetMetrics    `json:"budgets"`
	Operations []retry.OperationMetrics `json:"operations"` // the last 256 that needed more than one attempt
}

// Retries is the endpoint of the retry service: GET /retries.
func Retries(service *retry.Service) Endpoint {
	return Endpoint{Path: "/retries", Handler: reading(func(w http.ResponseWriter, _ *http.Request) {
		show(w, Retried{Budgets: all(service.Budgets()), Operations: all(service.AllRetryMetrics())})
	})}
}

// all is the list itself, or an empty one, which JSON writes as [].
func all[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
