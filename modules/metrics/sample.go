package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Label is one name and value. It never changes: make it once, keep it beside
// what it names, and give it to every series that has it.
type Label struct {
	name, value string
	pair        dto.LabelPair
}

// NewLabel returns the label name="value". Where value is not UTF-8, U+FFFD
// takes the place of the bytes that are not: a name that came from data must
// not cost its neighbours their metrics.
func NewLabel(name, value string) *Label {
	l := &Label{name: name, value: strings.ToValidUTF8(value, "\uFFFD")}
	l.pair.Name, l.pair.Value = &l.name, &l.value
	return l
}

// Value returns the value.
func (l *Label) Value() string { return l.value }

// Batch sends the samples of one Collect. That costs far less than
// [prometheus.NewConstMetric] for each of them: labels are shared, and samples
// are made by the dozen. It belongs to one goroutine.
//
// A scrape is cheapest if the series of one metric are sent in the order in
// which it shows them: by the value of the label whose name comes first in the
// alphabet, then by that of the next.
type Batch struct {
	ch    chan<- prometheus.Metric
	block int      // how many samples the last block had
	spare []sample // what remains of it
}

// NewBatch returns a Batch that sends to ch.
func NewBatch(ch chan<- prometheus.Metric) *Batch { return &Batch{ch: ch} }

// Counter sends n as a counter. The labels must be those of desc, at most three,
// sorted by name.
func (b *Batch) Counter(desc *prometheus.Desc, n float64, labels ...*Label) {
	b.ch <- b.sample(desc, n, labels)
}

// Gauge sends n as a gauge. The labels must be those of desc, at most three,
// sorted by name.
func (b *Batch) Gauge(desc *prometheus.Desc, n float64, labels ...*Label) {
	s := b.sample(desc, n, labels)
	s.gauge = true
	b.ch <- s
}

// A block has few samples at first, for collectors with few series; 72 of them
// fill 8 KiB.
const (
	minBlock = 4
	maxBlock = 72
)

func (b *Batch) sample(desc *prometheus.Desc, n float64, labels []*Label) *sample {
	if len(b.spare) == 0 {
		b.block = min(max(2*b.block, minBlock), maxBlock)
		b.spare = make([]sample, b.block)
	}
	s := &b.spare[0]
	b.spare = b.spare[1:]
	s.desc, s.value, s.labels = desc, n, uint8(len(labels)) //nolint:gosec // at most three
	for i, l := range labels {
		s.pairs[i] = &l.pair
	}
	return s
}

// sample is the value of one series at one moment, with room for what a counter
// is written into.
type sample struct {
	desc    *prometheus.Desc
	value   float64
	gauge   bool
	labels  uint8
	pairs   [3]*dto.LabelPair
	counter dto.Counter
}

// Desc implements [prometheus.Metric].
func (s *sample) Desc() *prometheus.Desc { return s.desc }

// Write implements [prometheus.Metric].
func (s *sample) Write(out *dto.Metric) error {
	out.Label = s.pairs[:s.labels:s.labels]
	if s.gauge {
		out.Gauge = &dto.Gauge{Value: &s.value}
		return nil
	}
	s.counter.Value = &s.value
	out.Counter = &s.counter
	return nil
}
