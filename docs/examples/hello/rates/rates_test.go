package rates_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/docs/examples/hello/rates"
)

// source stands in for the other service.
type source struct {
	rate float64
	err  error
}

func (s *source) Rate(context.Context, string) (float64, error) { return s.rate, s.err }

func TestGet(t *testing.T) {
	t.Parallel()
	upstream := &source{rate: 1.09}
	a := apptest.New(t, rates.Module, apptest.Override[rates.Source](upstream))

	var got rates.Rate
	a.Get("/rates/EUR").Do().Status(http.StatusOK).JSON(&got)
	require.Equal(t, rates.Rate{Currency: "EUR", Rate: 1.09}, got)

	upstream.err = errors.New("out of order")
	answer := a.Get("/rates/EUR").Do().Status(http.StatusOK)
	require.Equal(t, "true", answer.Header.Get("X-Resilience-Fallback"))
	answer.JSON(&got)
	require.True(t, got.Stale)

	problem := a.Get("/rates/euro").Do().Status(http.StatusUnprocessableEntity).Problem()
	require.Equal(t, "path.currency", problem.Errors[0].Field)
}
