// Package explain_test checks a program without starting it.
package explain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/docs/examples/hello/rates"
)

func TestStartIsNotRefused(t *testing.T) {
	t.Parallel()
	require.NoError(t, app.Explain(rates.Module, app.WithEnvironment(config.Environment{})))
}
