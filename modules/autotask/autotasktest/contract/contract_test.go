package contract_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// The flags are documented in doc.go.
var (
	flagURL    = flag.String("url", "", "origin of the Autotask to ask; empty starts a simulator")
	flagUser   = flag.String("user", "api@holdfast-demo.example", "API user")
	flagCode   = flag.String("code", "DEMOINTEGRATIONCODEHOLDFAST", "integration code; several by comma, the second is another integration")
	flagSecret = flag.String("secret", "demo-secret-that-opens-nothing", "secret of the API user")
	flagWrite  = flag.Bool("write", false, "also run cases that write where there is no control API: in a sandbox")
)

func TestMain(m *testing.M) {
	flag.Parse()
	goleak.VerifyTestMain(m)
}

// need says what a case cannot do without.
type need uint8

const (
	writes  need = 1 << iota // it changes data
	control                  // it gives orders to a simulator
	misuse                   // it breaks the protocol on purpose
)

// behaviour is one S-number of reference/autotask.md 7.12.
type behaviour struct {
	number int
	name   string
	mark   string // where it is known from, see doc.go
	needs  need
	run    func(at *tenant)
}

// behaviours are all cases, by number.
func behaviours() []behaviour {
	return slices.Concat(identityCases(), dataCases(), queryCases(), limitCases(), metadataCases(), webhookCases(), controlCases())
}

func TestContract(t *testing.T) { //nolint:paralleltest // all cases share one tenant, its clock and its limits
	place := findPlace(t)
	for _, b := range behaviours() { //nolint:paralleltest // as above
		t.Run(fmt.Sprintf("S%02d_%s", b.number, b.name), func(t *testing.T) {
			at := place.tenant(t)
			at.require(b.needs)
			at.begin(b.needs)
			b.run(at)
		})
	}
}

func TestEveryBehaviourHasOneCase(t *testing.T) {
	t.Parallel()
	var want, got []int
	for number := 1; number <= 52; number++ {
		if number != 45 {
			want = append(want, number)
		}
	}
	marks := []string{"OD", "SW", "LIVE", "PEER", "?"}
	for _, b := range behaviours() {
		got = append(got, b.number)
		for mark := range strings.SplitSeq(b.mark, " ") {
			require.Contains(t, marks, mark, b.name)
		}
	}
	require.Equal(t, want, got)
}

// The guide tells of every behaviour, and where it is known from.
func TestGuideTellsEveryBehaviour(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../../../docs/autotask-simulator.md")
	require.NoError(t, err)
	told := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (S\d+) \| [^|]+ \| ([^|]+) \| .*\|$`).FindAllStringSubmatch(string(guide), -1) {
		told[row[1]] = row[2]
	}
	want := map[string]string{}
	for _, b := range behaviours() {
		want[fmt.Sprintf("S%d", b.number)] = b.mark
	}
	require.Equal(t, want, told)
}
