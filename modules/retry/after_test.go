package retry_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/retry"
)

func TestParseAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		header string
		want   time.Duration
		wantOK bool
	}{
		"seconds":           {"120", 2 * time.Minute, true},
		"zero":              {"0", 0, true},
		"white space":       {" \t7 ", 7 * time.Second, true},
		"leading zeros":     {"007", 7 * time.Second, true},
		"a day":             {"86400", retry.MaxAfter, true},
		"more than a day":   {"86401", retry.MaxAfter, true},
		"more than int64":   {"99999999999999999999999999", retry.MaxAfter, true},
		"IMF-fixdate":       {"Sun, 22 Nov 2026 12:00:30 GMT", 30 * time.Second, true},
		"RFC 850":           {"Sunday, 22-Nov-26 12:01:00 GMT", time.Minute, true},
		"asctime":           {"Sun Nov 22 12:02:00 2026", 2 * time.Minute, true},
		"past":              {"Sat, 21 Nov 2026 12:00:00 GMT", 0, true},
		"far away":          {"Fri, 22 Nov 2999 12:00:00 GMT", retry.MaxAfter, true},
		"empty":             {"", 0, false},
		"blank":             {" ", 0, false},
		"negative":          {"-5", 0, false},
		"signed":            {"+5", 0, false},
		"fraction":          {"1.5", 0, false},
		"hexadecimal":       {"0x10", 0, false},
		"exponent":          {"1e3", 0, false},
		"two of them":       {"5, 10", 0, false},
		"unit":              {"5s", 0, false},
		"other digits":      {"٣", 0, false},
		"newline":           {"5\n", 0, false},
		"a thousand digits": {strings.Repeat("1", 1000), 0, false},
		"RFC 3339":          {"2026-11-22T12:00:30Z", 0, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := retry.ParseAfter(tc.header, now)
			require.Equal(t, tc.wantOK, ok)
			require.Equal(t, tc.want, got)
		})
	}
}

func FuzzParseAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "120", "99999999999999999999", "-1", "Sun, 22 Nov 2026 12:00:30 GMT", "Sunday, 22-Nov-26 12:01:00 GMT", "Sun Nov 22 12:02:00 2026", "\x00", "5, 10"} {
		f.Add(seed, int64(1_795_348_800))
	}
	f.Fuzz(func(t *testing.T, header string, unix int64) {
		now := time.Unix(unix, 0)
		wait, ok := retry.ParseAfter(header, now)
		require.GreaterOrEqual(t, wait, time.Duration(0))
		require.LessOrEqual(t, wait, retry.MaxAfter)
		if !ok {
			require.Zero(t, wait)
			return
		}
		if at, err := http.ParseTime(strings.Trim(header, " \t")); err == nil && wait > 0 && wait < retry.MaxAfter {
			require.WithinDuration(t, at, now.Add(wait), 0)
		}
	})
}
