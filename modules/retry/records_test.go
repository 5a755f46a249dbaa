package retry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestRecords(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers []error
		policy  retry.Policy
		want    *retry.OperationMetrics // nil is no record
	}{
		"first attempt succeeds": {},
		"fails for good at once": {answers: always(failed{status: 404})},
		"one attempt":            {answers: always(errDown), policy: retry.Policy{MaxAttempts: 1}},
		"third attempt succeeds": {answers: []error{errDown, failed{status: 502}}, want: &retry.OperationMetrics{
			TotalAttempts: 3, SuccessfulAttempt: 3, FinalSuccess: true, TotalDuration: 3 * time.Second,
			Delays: seconds(1, 2), Errors: []string{"status 503", "status 502"},
		}},
		"never succeeds": {answers: always(errDown), policy: retry.Policy{Dependency: "erp"}, want: &retry.OperationMetrics{
			TotalAttempts: 3, TotalDuration: 3 * time.Second, Delays: seconds(1, 2), Dependency: "erp",
			Errors: []string{"status 503", "status 503", "status 503"}, Reason: retry.ReasonAttempts,
		}},
		"no time": {answers: always(errDown), policy: retry.Policy{MaxDuration: time.Second}, want: &retry.OperationMetrics{
			TotalAttempts: 1, Errors: []string{"status 503"}, Reason: retry.ReasonDuration,
		}},
		"permanent later": {answers: []error{errDown, failed{status: 400}}, want: &retry.OperationMetrics{
			TotalAttempts: 2, TotalDuration: time.Second, Delays: seconds(1),
			Errors: []string{"status 503", "status 400"}, Reason: retry.ReasonPermanent,
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, calls, start := exact(), script{answers: tc.answers}, time.Now()
				_ = s.Do(t.Context(), tc.policy, calls.call)
				got := s.AllRetryMetrics()
				if tc.want == nil {
					require.Empty(t, got)
					return
				}
				tc.want.OperationID = fmt.Sprintf("retry_%d_000000", start.UnixMilli())
				tc.want.StartTime, tc.want.EndTime = start, time.Now()
				require.Equal(t, []retry.OperationMetrics{*tc.want}, got)
			})
		})
	}
}

func TestRecordOfCancelledWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
		s, calls := exact(), script{answers: always(errDown)}
		require.Error(t, s.Do(ctx, retry.Standard, calls.call))
		got := s.AllRetryMetrics()[0]
		require.Equal(t, []string{"status 503"}, got.Errors, "one attempt, one error")
		require.Equal(t, retry.ReasonCanceled, got.Reason)
	})
}

func TestRecordsAreARing(t *testing.T) {
	t.Parallel()
	s := exact()
	for i := range 300 {
		_ = s.Again(t.Context(), retry.Policy{Delay: func(int) time.Duration { return 0 }}, errDown, func(context.Context) error {
			return fmt.Errorf("operation %d", i)
		})
	}
	all := s.AllRetryMetrics()
	require.Len(t, all, 256)
	require.Equal(t, "operation 299", all[0].Errors[1], "newest first")
	require.Equal(t, "operation 44", all[255].Errors[1])
	seen := map[string]bool{}
	for _, m := range all {
		require.Regexp(t, `^retry_\d+_[0-9a-z]{6}$`, m.OperationID)
		require.False(t, seen[m.OperationID], "unique")
		seen[m.OperationID] = true
	}
	all[0].Errors[0] = "changed"
	require.Equal(t, "status 503", s.AllRetryMetrics()[0].Errors[0], "a copy")
}

func TestRecordedErrorsAreBounded(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"short": "short", "ASCII": strings.Repeat("x", 10_000), "cut within a character": strings.Repeat("€", 1000),
	} {
		s := exact()
		_ = s.Again(t.Context(), retry.Policy{MaxDuration: 1, RetryIf: func(error) bool { return true }}, errors.New(text), nop)
		got := s.AllRetryMetrics()[0].Errors[0]
		require.True(t, strings.HasPrefix(text, got), name)
		require.True(t, utf8.ValidString(got), name)
		require.LessOrEqual(t, len(got), 256, name)
		require.GreaterOrEqual(t, len(got), min(len(text), 254), name)
	}
}

func TestRecordAsJSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	text, err := json.Marshal([]retry.OperationMetrics{
		{
			OperationID: "retry_1_000000", TotalAttempts: 2, SuccessfulAttempt: 2, TotalDuration: 1500 * time.Millisecond,
			Delays: seconds(1), Errors: []string{"status 503"}, FinalSuccess: true, StartTime: at, EndTime: at,
		},
		{Reason: retry.ReasonBudget, Dependency: "erp"},
	})
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"operationId": "retry_1_000000", "totalAttempts": 2, "successfulAttempt": 2, "totalDuration": 1500, "delays": [1000],
		 "errors": ["status 503"], "finalSuccess": true, "startTime": "2026-11-22T12:00:00Z", "endTime": "2026-11-22T12:00:00Z"},
		{"operationId": "", "totalAttempts": 0, "successfulAttempt": null, "totalDuration": 0, "delays": [],
		 "errors": null, "finalSuccess": false, "reason": "budget", "dependency": "erp",
		 "startTime": "0001-01-01T00:00:00Z", "endTime": "0001-01-01T00:00:00Z"}
	]`, string(text))
}

func TestLogs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers   []error
		wantDebug int
		wantWarn  int
	}{
		"success":   {},
		"permanent": {answers: always(failed{status: 404})},
		"recovered": {answers: []error{errDown}, wantDebug: 2},
		"exhausted": {answers: always(errDown), wantDebug: 2, wantWarn: 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var text bytes.Buffer
				log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
				calls := script{answers: tc.answers}
				_ = retry.NewService(retry.Config{}, log).Do(t.Context(), retry.Standard, calls.call)
				require.Equal(t, tc.wantDebug, strings.Count(text.String(), "level=DEBUG"), text.String())
				require.Equal(t, tc.wantWarn, strings.Count(text.String(), "level=WARN"), text.String())
			})
		})
	}
}
