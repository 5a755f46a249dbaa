package hook_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Autotask signs so
	"encoding/base64"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
)

// signed signs as a receiver does that knows nothing of this package.
func signed(text string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(text))
	return "sha1=" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestSignature(t *testing.T) {
	t.Parallel()
	// By hand: what is sent, and what the escaped form of it is.
	const title = "R&D <a> 'b' `c` d+e \"q\" \\ é 😀\n"
	const before = `{"Action":"Create","Guid":"74f83ced-8495-4723-9842-a886752258fa","EntityType":"Ticket","Id":1,` +
		`"Fields":{"title":"`
	const after = `\n"},"EventTime":"2000-01-01T00:00:00.000Z","SequenceNumber":1,"PersonID":0}`
	const sent = before + `R&D <a> 'b' ` + "`c`" + ` d+e \"q\" \\ é 😀` + after
	const escaped = before + `R\u0026D \u003Ca\u003E \u0027b\u0027 \u0060c\u0060 d\u002Be ` +
		`\u0022q\u0022 \\ \u00E9 \uD83D\uDE00` + after
	tests := map[string]struct {
		raw    bool
		secret any
		text   string
		want   string // printf '%s' "$text" | openssl dgst -sha1 -hmac "$secret" -binary | base64
	}{
		"escaped":   {false, secret, escaped, "sha1=RJwEN27bPav+4Bg3JbjBV92iWdc="},
		"raw":       {true, secret, sent, "sha1=GzO4H5gmpidfXTfmWfRhV6vH8EM="},
		"no secret": {false, nil, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{Raw: tt.raw, Seed: 1}, always(200))
				w.listen("Tickets", "title")
				w.patch("TicketWebhooks", 1, 0, fields{"secretKey": tt.secret})
				w.ticket(title)
				w.wait()
				require.Len(t, w.receiver.seen(), 1)
				got := w.receiver.seen()[0]
				require.Equal(t, []string{sent}, []string{got.body})
				require.Equal(t, tt.want, got.signature)
				require.Equal(t, "application/json", got.header.Get("Content-Type"))
				if tt.want != "" {
					require.Equal(t, signed(tt.text), got.signature)
				}
			})
		})
	}
}

func TestTheSecretStaysSecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, down)
		w.listen("Companies", "companyName")
		w.patch("CompanyWebhooks", 1, 0, fields{"webhookUrl": "https://user:" + secret + "@receiver.test/"})
		w.must("Companies", fields{"companyName": "x"})
		w.wait()
		require.Len(t, w.Deliveries(), 5)
		require.NotContains(t, fmt.Sprint(w.Deliveries()), secret)
		for _, row := range w.rows("WebhookEventErrorLogs") {
			require.NotContains(t, fmt.Sprint(row.Values(w.table("WebhookEventErrorLogs"))...), secret)
		}
	})
}
