package ratelimit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/ratelimit"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const must = "must be requests per time such as 100/1m, or 100/1m burst 20 for a token bucket"
	bucket := func(requests, burst int, per time.Duration) ratelimit.Limit {
		return ratelimit.Limit{Requests: requests, Per: per, Burst: burst, Algorithm: ratelimit.TokenBucket}
	}
	tests := map[string]struct {
		want     ratelimit.Limit
		wantText string // of the limit
		wantErr  string
	}{
		"100/1m":             {want: ratelimit.Limit{Requests: 100, Per: time.Minute}, wantText: "100/1m"},
		"100/m":              {want: ratelimit.Limit{Requests: 100, Per: time.Minute}, wantText: "100/1m"},
		"100/60000":          {want: ratelimit.Limit{Requests: 100, Per: time.Minute}, wantText: "100/1m"},
		"5/1h30m":            {want: ratelimit.Limit{Requests: 5, Per: 90 * time.Minute}, wantText: "5/1h30m"},
		"10000/h":            {want: ratelimit.Limit{Requests: 10_000, Per: time.Hour}, wantText: "10000/1h"},
		"1000000/744h":       {want: ratelimit.Limit{Requests: 1_000_000, Per: 744 * time.Hour}, wantText: "1000000/744h"},
		"1/ms":               {want: ratelimit.Limit{Requests: 1, Per: time.Millisecond}, wantText: "1/1ms"},
		"100/10s burst 20":   {want: bucket(100, 20, 10*time.Second), wantText: "100/10s burst 20"},
		"1/s burst 10":       {want: bucket(1, 10, time.Second), wantText: "1/1s burst 10"},
		"":                   {wantErr: must},
		"100":                {wantErr: must},
		"/1m":                {wantErr: must},
		"100/":               {wantErr: must},
		"100/1min":           {wantErr: must},
		"100 / 1m":           {wantErr: must},
		"+5/1m":              {wantErr: must},
		"-5/1m":              {wantErr: must},
		"5.5/1m":             {wantErr: must},
		"100/1m/1m":          {wantErr: must},
		"100/1m burst":       {wantErr: must},
		"100/1m burst -1":    {wantErr: must},
		"100/1m burst 2 3":   {wantErr: must},
		"99999999999/1m":     {wantErr: must},
		"100/1m burst 0":     {wantErr: "burst must be at least 1"},
		"0/1m":               {wantErr: "requests must be between 1 and 1000000, not 0"},
		"1000001/1m":         {wantErr: "requests must be between 1 and 1000000, not 1000001"},
		"5/-1m":              {wantErr: "the time they are for must be between 1ms and 744h, not -1m0s"},
		"5/1us":              {wantErr: "the time they are for must be between 1ms and 744h, not 1µs"},
		"5/745h":             {wantErr: "the time they are for must be between 1ms and 744h, not 745h0m0s"},
		"1/h burst 745":      {wantErr: "burst of 745 takes longer to fill than 744h"},
		"5/m burst 10000000": {wantErr: "burst must be between 1 and 1000000, not 10000000"},
	}
	for text, tc := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := ratelimit.Parse(text)
			require.Equal(t, tc.want, got)
			if tc.wantErr != "" {
				require.EqualError(t, err, tc.wantErr)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.wantText, got.String())
			again, err := ratelimit.Parse(got.String())
			require.NoError(t, err)
			require.Equal(t, got, again)
		})
	}
}

func TestNewRefusesAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := ratelimit.New("", ratelimit.Limit{Requests: -1, Burst: 3}, ratelimit.WithKeys(0))
	require.EqualError(t, err, `rate limit "": requests must be between 1 and 1000000, not -1
the time they are for must be between 1ms and 744h, not 0s
burst is for a token bucket, and this is a sliding window
the name must be text, and not empty
keys must be between 1 and 10000000, not 0`)
	_, err = ratelimit.New("odd", ratelimit.Limit{Requests: 1, Per: time.Second, Algorithm: 9})
	require.EqualError(t, err, `rate limit "odd": there is no algorithm 9`)
	_, err = ratelimit.New("odd", ratelimit.Limit{Requests: 1, Per: time.Second, Burst: -1, Algorithm: ratelimit.TokenBucket})
	require.EqualError(t, err, `rate limit "odd": burst must be between 1 and 1000000, not -1`)
}

func TestBurstDefaultsToRequests(t *testing.T) {
	t.Parallel()
	l, err := ratelimit.New("default", ratelimit.Limit{Requests: 3, Per: time.Hour, Algorithm: ratelimit.TokenBucket})
	require.NoError(t, err)
	d, err := l.AllowN(t.Context(), "", 3)
	require.NoError(t, err)
	require.Equal(t, 3, d.Limit)
	require.Equal(t, "default", l.Name())
	require.Equal(t, "3/1h burst 3", l.Limit().String())
}

func TestLimitIsASetting(t *testing.T) {
	t.Parallel()
	type settings struct {
		Limit ratelimit.Limit `envconfig:"ORDERS_RATE_LIMIT" default:"100/1m" desc:"Requests per user"`
	}
	load := func(vars map[string]string) (settings, error) {
		values, err := config.Load(config.Environment{Vars: vars}, config.SpecOf[settings]())
		if err != nil {
			return settings{}, err
		}
		return config.Get[settings](values)
	}
	got, err := load(nil)
	require.NoError(t, err)
	require.Equal(t, ratelimit.Limit{Requests: 100, Per: time.Minute}, got.Limit)
	got, err = load(map[string]string{"ORDERS_RATE_LIMIT": "5/1s burst 2"})
	require.NoError(t, err)
	require.Equal(t, ratelimit.Limit{Requests: 5, Per: time.Second, Burst: 2, Algorithm: ratelimit.TokenBucket}, got.Limit)
	_, err = load(map[string]string{"ORDERS_RATE_LIMIT": "5 per second"})
	require.ErrorContains(t, err, `ORDERS_RATE_LIMIT="5 per second": must be requests per time such as 100/1m`)
	_, err = load(map[string]string{"ORDERS_RATE_LIMIT": "0/1s"})
	require.ErrorContains(t, err, `ORDERS_RATE_LIMIT="0/1s": requests must be between 1 and 1000000, not 0`)
}

func TestAlgorithmString(t *testing.T) {
	t.Parallel()
	require.Equal(t, "sliding window", ratelimit.SlidingWindow.String())
	require.Equal(t, "token bucket", ratelimit.TokenBucket.String())
	require.Equal(t, "Algorithm(7)", ratelimit.Algorithm(7).String())
}

// FuzzParse: what is read is valid, and is read again from its own text.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"100/1m", "5/s burst 20", "1/60000", "0/1m", "100/1m burst 0", "/", " burst ", "1/9223372036854775807ns"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ratelimit.Parse(text)
		if err != nil {
			require.Zero(t, got)
			return
		}
		require.NoError(t, got.Validate())
		again, err := ratelimit.Parse(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
		l, err := ratelimit.New("fuzz", got)
		require.NoError(t, err)
		d, err := l.Allow(t.Context(), text)
		require.NoError(t, err)
		require.True(t, d.Allowed)
		require.Equal(t, d.Limit-1, d.Remaining)
		require.Positive(t, d.ResetAfter)
	})
}
