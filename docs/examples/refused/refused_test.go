package refused_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/docs/examples/refused"
)

func TestTheGuideShowsTheReport(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../modules.md")
	require.NoError(t, err)
	require.Contains(t, string(page), refused.Check().Error())
}
