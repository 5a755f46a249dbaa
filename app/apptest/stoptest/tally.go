package stoptest

import (
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"
)

// Count is how many requests of one period ended how.
type Count struct {
	Sent    int // all of them
	Reused  int // of these, over a connection that had carried another
	OK      int // answered with a status below 400
	Client  int // answered with 400 to 499
	Server  int // answered with 500 and above
	Refused int
	Lost    int
	Closing int // answers that said Connection: close
}

func (c *Count) add(r Request) {
	c.Sent++
	if r.Reused {
		c.Reused++
	}
	switch {
	case r.Fate == Refused:
		c.Refused++
		return
	case r.Fate == Lost:
		c.Lost++
		return
	case r.Status >= http.StatusInternalServerError:
		c.Server++
	case r.Status >= http.StatusBadRequest:
		c.Client++
	default:
		c.OK++
	}
	if r.Close {
		c.Closing++
	}
}

// Tally sums up trials. Its zero value is empty.
type Tally struct {
	Trials        int
	Periods       [periods]Count // by Period
	Held, Skipped int
	Codes         map[int]int // how often a program ended with which code

	open, turned, took span
}

// span is the shortest and the longest of some times.
type span struct{ least, most time.Duration }

func (s *span) add(d time.Duration, first bool) {
	if first {
		*s = span{d, d}
	}
	s.least, s.most = min(s.least, d), max(s.most, d)
}

// String is one time, or both.
func (s *span) String() string {
	least, most := s.least.Round(100*time.Microsecond), s.most.Round(100*time.Microsecond)
	if least == most {
		return least.String()
	}
	return fmt.Sprintf("%s to %s", least, most)
}

// Add adds a trial.
func (t *Tally) Add(o *Outcome) {
	for _, r := range o.All {
		t.Periods[o.Period(r)].add(r)
	}
	t.Held += o.Held
	t.Skipped += o.Skipped
	if t.Codes == nil {
		t.Codes = map[int]int{}
	}
	t.Codes[o.Code]++
	first := t.Trials == 0
	t.open.add(o.Open(), first)
	t.turned.add(o.Turned(), first)
	t.took.add(o.Took(), first)
	t.Trials++
}

// Late is the number of requests that were sent after the signal.
func (t *Tally) Late() int {
	return t.Periods[Listening].Sent + t.Periods[AtClose].Sent + t.Periods[After].Sent
}

// String is a table of what became of the requests, and the times.
func (t *Tally) String() string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	row(table, "", "sent", "kept", "ok", "4xx", "5xx", "refused", "lost", "said close")
	var all Count
	for p, c := range t.Periods {
		c.row(table, Period(p).String())
		all.sum(c)
	}
	all.row(table, "all")
	_ = table.Flush() // to memory
	fmt.Fprintf(&text, "trials %d, held back %d, skipped %d, exit codes %v\n", t.Trials, t.Held, t.Skipped, t.Codes)
	fmt.Fprintf(&text, "readiness turned after %s, listener open for %s, gone after %s\n", &t.turned, &t.open, &t.took)
	return text.String()
}

func (c *Count) sum(more Count) {
	c.Sent += more.Sent
	c.Reused += more.Reused
	c.OK += more.OK
	c.Client += more.Client
	c.Server += more.Server
	c.Refused += more.Refused
	c.Lost += more.Lost
	c.Closing += more.Closing
}

func (c *Count) row(w *tabwriter.Writer, name string) {
	row(w, name, c.Sent, c.Reused, c.OK, c.Client, c.Server, c.Refused, c.Lost, c.Closing)
}

func row(w *tabwriter.Writer, cells ...any) {
	for _, cell := range cells {
		_, _ = fmt.Fprintf(w, "%v\t", cell) // to memory
	}
	_, _ = fmt.Fprintln(w)
}
