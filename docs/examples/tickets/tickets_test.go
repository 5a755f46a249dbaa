package tickets_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/docs/examples/tickets"
	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
)

// start gives a desk whose Autotask is sim: in process, and in virtual time where the test is in a bubble.
func start(t *testing.T, sim *autotasktest.Sim) *tickets.Desk {
	t.Helper()
	var desk *tickets.Desk
	apptest.New(t, tickets.Module, sim.Option(), fx.Populate(&desk))
	return desk
}

func TestDesk(t *testing.T) {
	t.Parallel()
	sim := autotasktest.New(t)
	desk := start(t, sim)
	title, err := desk.Title(t.Context(), 7001)
	require.NoError(t, err)
	require.NotEmpty(t, title)
	n, err := desk.Urgent(t.Context(), 4)
	require.NoError(t, err)
	require.Positive(t, n)

	id, err := desk.Open(t.Context(), 0, "Printer on fire")
	require.NoError(t, err)
	require.NoError(t, desk.Close(t.Context(), id))

	_, err = desk.Open(t.Context(), 999, "nobody's")
	refused := new(apierror.ValidationError)
	require.ErrorAs(t, err, &refused)
	require.Zero(t, sim.Stats().ThreadViolations)
}

func TestOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := autotasktest.New(t)
		desk := start(t, sim)
		sim.Outage(true)
		time.AfterFunc(time.Second, func() { sim.Outage(false) })
		_, err := desk.Title(t.Context(), 7001) // the second or third attempt finds it back
		require.NoError(t, err)
	})
}
