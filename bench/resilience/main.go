// Command resilience measures what Holdfast's resilience costs beside what other libraries take for the same, all in one
// run, and prints one table. README.md tells what the rows are and how they are measured.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

func main() {
	quick := flag.Bool("quick", false, "measure hardly at all: shows that every row can be measured")
	only := flag.String("only", "", "measure the parts alone whose title contains `text`")
	flag.Parse()
	m := thorough()
	if *quick {
		m = hasty()
	}
	if err := report(os.Stdout, m, *only); err != nil {
		fmt.Fprintln(os.Stderr, "resilience:", err)
		os.Exit(1)
	}
}

// part is a part of the table.
type part struct {
	title   string
	measure func(meter) ([]row, error)
}

func parts() []part {
	return []part{
		{"1 composed: bulkhead + retry + breaker + timeout", composed},
		{"2 breaker, closed", closed},
		{"3 breaker, open", open},
		{"4 server: over the bare handler", server},
		{"5 client: over plain http.Client", outbound},
		{"6 at rest, and scraped", atRest},
		{"7 single policies", single},
	}
}

// report measures the parts whose title contains only, and writes the table.
func report(w io.Writer, m meter, only string) error {
	silence()
	began := time.Now()
	var rows []row
	for _, p := range parts() {
		if !strings.Contains(p.title, only) {
			continue
		}
		measured, err := p.measure(m)
		if err != nil {
			return fmt.Errorf("part %s: %w", p.title, err)
		}
		rows = append(append(rows, row{what: "**" + p.title + "**"}), measured...)
		runtime.GC() // what a part has left behind is not the next one's to collect
	}
	_, err := fmt.Fprintf(w, "%s, %d cores; %d pairs of %s each; %s in all\n\n%s\n%s\n",
		runtime.Version(), runtime.GOMAXPROCS(0), m.pairs, m.slice, time.Since(began).Round(time.Second), table(rows), summary(rows))
	return err
}
