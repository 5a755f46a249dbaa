package retry

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// maxRecords is how many operations are remembered.
const maxRecords = 256

// maxErrorText bounds each error text of a record, in bytes.
const maxErrorText = 256

// OperationMetrics is the record of one operation whose first attempt was not
// enough. As JSON its durations are milliseconds.
type OperationMetrics struct {
	OperationID       string          // unique in this process: retry_<epoch ms>_<6 digits in base 36>
	TotalAttempts     int             // calls that were made
	SuccessfulAttempt int             // the one that succeeded, from 1; 0 if none did (null in JSON)
	TotalDuration     time.Duration   // from StartTime to EndTime
	Delays            []time.Duration // planned before the second attempt, the third, …
	Errors            []string        // of each attempt that failed, at most 256 bytes each
	FinalSuccess      bool
	Reason            string    // why it was given up: a Reason constant, empty after a success
	Dependency        string    // Policy.Dependency
	StartTime         time.Time // of the first attempt; where that was not measured, its failure
	EndTime           time.Time
}

// MarshalJSON writes the record in the names and units of the contract.
func (m OperationMetrics) MarshalJSON() ([]byte, error) {
	record := struct {
		OperationID       string    `json:"operationId"`
		TotalAttempts     int       `json:"totalAttempts"`
		SuccessfulAttempt *int      `json:"successfulAttempt"`
		TotalDuration     float64   `json:"totalDuration"`
		Delays            []float64 `json:"delays"`
		Errors            []string  `json:"errors"`
		FinalSuccess      bool      `json:"finalSuccess"`
		Reason            string    `json:"reason,omitempty"`
		Dependency        string    `json:"dependency,omitempty"`
		StartTime         time.Time `json:"startTime"`
		EndTime           time.Time `json:"endTime"`
	}{
		OperationID: m.OperationID, TotalAttempts: m.TotalAttempts, TotalDuration: millis(m.TotalDuration),
		Delays: make([]float64, 0, len(m.Delays)), Errors: m.Errors, FinalSuccess: m.FinalSuccess,
		Reason: m.Reason, Dependency: m.Dependency, StartTime: m.StartTime, EndTime: m.EndTime,
	}
	if m.SuccessfulAttempt > 0 {
		record.SuccessfulAttempt = &m.SuccessfulAttempt
	}
	for _, delay := range m.Delays {
		record.Delays = append(record.Delays, millis(delay))
	}
	return json.Marshal(record)
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// records are the last operations, in a ring.
type records struct {
	mu   sync.Mutex
	seen uint64
	ring [maxRecords]OperationMetrics
}

// add keeps m in place of the oldest record and names it.
func (r *records) add(m OperationMetrics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.OperationID = operationID(m.StartTime, r.seen)
	r.ring[r.seen%maxRecords] = m
	r.seen++
}

func operationID(at time.Time, n uint64) string {
	const sixDigits = 36 * 36 * 36 * 36 * 36 * 36
	digits := strconv.FormatUint(n%sixDigits, 36)
	return fmt.Sprintf("retry_%d_%s%s", at.UnixMilli(), strings.Repeat("0", 6-len(digits)), digits)
}

// AllRetryMetrics returns the records of the last 256 operations that were
// repeated, or would have been had there been time or budget: the newest first.
// Operations whose first attempt succeeded, or failed for good, leave none.
func (s *Service) AllRetryMetrics() []OperationMetrics {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	n := min(s.records.seen, maxRecords)
	all := make([]OperationMetrics, 0, n)
	for i := range n {
		m := s.records.ring[(s.records.seen-1-i)%maxRecords]
		m.Delays, m.Errors = slices.Clone(m.Delays), slices.Clone(m.Errors)
		all = append(all, m)
	}
	return all
}

// shortText is the text of err, cut between two characters.
func shortText(err error) string {
	text := err.Error()
	if len(text) <= maxErrorText {
		return text
	}
	end := maxErrorText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end])
}
