package config_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
)

func TestMillis(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want time.Duration
		fail string
	}{
		"0":                      {want: 0},
		"1500":                   {want: 1500 * time.Millisecond},
		"-5":                     {want: -5 * time.Millisecond},
		"+5":                     {want: 5 * time.Millisecond},
		"010":                    {want: 10 * time.Millisecond},
		"1m30s":                  {want: 90 * time.Second},
		"1.5s":                   {want: 1500 * time.Millisecond},
		"9223372036854":          {want: 9223372036854 * time.Millisecond},
		"9223372036855":          {fail: "is beyond the longest duration"},
		"-9223372036855":         {fail: "is beyond the longest duration"},
		"9999999999999999999999": {fail: "must be a duration"},
		"1.5":                    {fail: "must be a duration"},
		"1 s":                    {fail: "must be a duration"},
		"":                       {fail: "must be a duration"},
		"300y":                   {fail: "must be a duration"},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			var m config.Millis
			err := m.Decode(text)
			if tt.fail != "" {
				require.ErrorContains(t, err, tt.fail)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, m.Duration())
		})
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	const must = "must be a ratio such as 0.5 or 50%"
	tests := map[string]struct {
		want float64
		fail string
	}{
		"0":     {want: 0},
		"1":     {want: 1},
		"0.25":  {want: 0.25},
		"100%":  {want: 1},
		"12.5%": {want: 0.125},
		"50":    {fail: "is above 1: write 50% or 0.5"},
		"1.5":   {fail: "is above 1: write 1.5% or 0.015"},
		"101":   {fail: must},
		"101%":  {fail: must},
		"-0.1":  {fail: must},
		"NaN":   {fail: must},
		"NaN%":  {fail: must},
		"Inf":   {fail: must},
		"1e999": {fail: must},
		"half":  {fail: must},
		"%":     {fail: must},
		"5%%":   {fail: must},
		"":      {fail: must},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			var r config.Ratio
			err := r.Decode(text)
			if tt.fail != "" {
				require.EqualError(t, err, tt.fail)
				return
			}
			require.NoError(t, err)
			require.InDelta(t, tt.want, float64(r), 1e-15)
		})
	}
}

func FuzzMillis(f *testing.F) {
	for _, text := range []string{"0", "60000", "60s", "1m", "-1", "9223372036854775807", "1h1h", "µs", ".5s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m, again config.Millis
		if m.Decode(text) != nil {
			require.Zero(t, m, "a refused text changes nothing")
			return
		}
		require.NoError(t, again.Decode(m.String()))
		require.Equal(t, m, again, "String is read back as the same length")
	})
}

func FuzzRatio(f *testing.F) {
	for _, text := range []string{"0", "0.5", "50%", "50", "NaN", "-0", "1e-400", "0x1p-2", "%"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r, again config.Ratio
		if r.Decode(text) != nil {
			require.Zero(t, float64(r), "a refused text changes nothing")
			return
		}
		require.False(t, math.IsNaN(float64(r)) || r < 0 || r > 1, "%q gave %v", text, r)
		require.NoError(t, again.Decode(r.String()))
		require.InDelta(t, float64(r), float64(again), 0)
	})
}

func TestSecretIsNeverShown(t *testing.T) {
	t.Parallel()
	const hush = config.Secret("hush")
	type box struct {
		Key  config.Secret            `json:"key"`
		Keys []config.Secret          `json:"keys"`
		By   map[string]config.Secret `json:"by"`
	}
	in := box{Key: hush, Keys: []config.Secret{hush}, By: map[string]config.Secret{"x": hush}}
	asJSON, err := json.Marshal(in)
	require.NoError(t, err)
	type envelope struct {
		Key config.Secret `xml:"key"`
	}
	asXML, err := xml.Marshal(envelope{hush})
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).InfoContext(t.Context(), "in", slog.Any("key", hush), slog.Any("box", in))

	seen := []string{string(asJSON), string(asXML), log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		seen = append(seen, fmt.Sprintf(verb, hush), fmt.Sprintf(verb, in), fmt.Sprintf(verb, &in))
	}
	for _, text := range seen {
		require.NotContains(t, text, "hush")
		require.NotContains(t, text, "68757368", "hexadecimal")
		require.Contains(t, text, "***")
	}
	require.Equal(t, "hush", hush.Reveal())
	require.Empty(t, fmt.Sprint(config.Secret("")), "a missing secret looks missing")
	require.Equal(t, `config.Secret("***")`, fmt.Sprintf("%#v", hush))
	require.Equal(t, `"***"`, fmt.Sprintf("%q", hush))
}

func TestFaultInOneLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault config.Fault
		want  string
	}{
		"all":     {config.Fault{Name: "A", Value: "x\ny", Problem: "is wrong", Example: "z"}, `A="x\ny": is wrong, for example A=z`},
		"not set": {config.Fault{Name: "A", Problem: "is required"}, "A: is required"},
		"no name": {config.Fault{Problem: "two do not fit", Example: "z"}, "two do not fit"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, tt.fault, tt.want)
		})
	}
	one := &config.Error{Faults: []config.Fault{{Name: "A", Problem: "is required"}}}
	require.EqualError(t, one, "1 setting is wrong:\n  A: is required")
}
