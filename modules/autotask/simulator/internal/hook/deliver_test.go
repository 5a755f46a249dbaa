package hook_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/hook"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

func TestAttempts(t *testing.T) {
	t.Parallel()
	status := func(codes ...int) func(int, *http.Request) (int, error) {
		return func(n int, _ *http.Request) (int, error) { return codes[min(n, len(codes))-1], nil }
	}
	const refused = `call a webhook: Post "https://receiver.test/hook": connection refused`
	const late = `call a webhook: Post "https://receiver.test/hook": context deadline exceeded`
	tests := map[string]struct {
		answer func(int, *http.Request) (int, error)
		want   []time.Duration
		logged any // the error of the log; nil is none
	}{
		"delivered":      {status(200), seconds(0), nil},
		"any 2xx":        {status(299), seconds(0), nil},
		"second attempt": {status(500, 204), seconds(0, 30), nil},
		"last attempt":   {status(500, 404, 401, 503, 200), seconds(0, 30, 60, 90, 120), nil},
		"never": {
			status(500), seconds(0, 30, 60, 90, 120),
			"The callout was answered with HTTP status 500.",
		},
		"below 200": {
			status(199), seconds(0, 30, 60, 90, 120),
			"The callout was answered with HTTP status 199.",
		},
		"redirect": {
			status(307), seconds(0, 30, 60, 90, 120),
			"The callout was answered with HTTP status 307.",
		},
		"moved": {
			status(301), seconds(0, 30, 60, 90, 120),
			"The callout was answered with HTTP status 301.",
		},
		"no connection":     {down, seconds(0, 30, 60, 90, 120), refused},
		"no answer in 10 s": {silent, seconds(0, 30, 60, 90, 120), late},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{}, tt.answer)
				w.listen("Tickets", "title")
				w.ticket("a")
				w.wait()
				require.Equal(t, tt.want, w.receiver.times())
				rows := w.rows("WebhookEventErrorLogs")
				if tt.logged == nil {
					require.Empty(t, rows)
					return
				}
				require.Len(t, rows, 1)
				require.Equal(t, tt.logged, w.value(rows[0], "WebhookEventErrorLogs", "errorMessage"))
			})
		})
	}
}

func TestAnAttemptTakesTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var took []time.Duration
		w := newWorld(t, hook.Config{}, func(_ int, r *http.Request) (int, error) {
			begun := time.Now()
			status, err := silent(0, r)
			took = append(took, time.Since(begun))
			return status, err
		})
		w.listen("Tickets", "title")
		w.ticket("a")
		w.wait()
		require.Equal(t, seconds(10, 10, 10, 10, 10), took)
		require.Equal(t, 130*time.Second, time.Since(w.receiver.start))
	})
}

func TestAnEventBeginsWhenTheOneBeforeItHasEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, silent) // the fifth attempt begins at 120 s and ends at 130 s
		w.listen("Tickets", "title")
		w.ticket("1")
		w.ticket("2")
		w.wait()
		require.Equal(t, seconds(0, 30, 60, 90, 120, 130, 160, 190, 220, 250), w.receiver.times())
	})
}

func TestOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, func(n int, _ *http.Request) (int, error) {
			if n > 2 && n < 9 { // 5 attempts of "3" and one of "4"
				return 500, nil
			}
			return 200, nil
		})
		w.listen("Tickets", "title")
		for title := range strings.FieldsSeq("1 2 3 4 5") {
			w.ticket(title)
		}
		w.wait()
		require.Equal(t, strings.Fields("1 2 3 3 3 3 3 4 4 5"), w.receiver.titles())
		require.Equal(t, seconds(0, 0, 0, 30, 60, 90, 120, 120, 150, 150), w.receiver.times())
		var made []int
		for _, d := range w.Deliveries() {
			made = append(made, d.Attempt)
		}
		require.Equal(t, []int{1, 1, 1, 2, 3, 4, 5, 1, 2, 1}, made)
	})
}

func TestAWebhookDoesNotWaitForAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, func(n int, r *http.Request) (int, error) {
			if r.URL.Host == "receiver.test" {
				return silent(n, r)
			}
			return 200, nil
		})
		w.listen("Tickets", "title")
		w.listen("Companies", "companyName")
		w.patch("CompanyWebhooks", 1, 0, fields{"webhookUrl": "https://well.test/"})
		w.ticket("a")
		w.must("Companies", fields{"companyName": "b"})
		synctest.Wait()
		require.Len(t, w.Deliveries(), 1)
		require.Equal(t, "https://well.test/", w.Deliveries()[0].URL)
		require.NoError(t, w.Stop(t.Context()))
	})
}

func TestChangedURLServesWhatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hook.Config{}, func(_ int, r *http.Request) (int, error) {
			if r.URL.Host == "receiver.test" {
				return 410, nil
			}
			return 200, nil
		})
		w.listen("Tickets", "title")
		w.ticket("1")
		synctest.Wait()
		w.patch("TicketWebhooks", 1, 0, fields{"webhookUrl": "https://fixed.test/", "secretKey": "new"})
		w.wait()
		require.Equal(t, seconds(0, 30), w.receiver.times())
		require.Equal(t, "https://fixed.test/", w.receiver.seen()[1].url)
		require.NotEqual(t, w.receiver.seen()[0].signature, w.receiver.seen()[1].signature)
	})
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		title          string
		events, logged int
		problem        string
	}{
		"in number": {"a", 10_003, 3, "The queue of the webhook is full."},
		// 9 of them are less than 64 MiB
		"in bytes": {strings.Repeat("a", 7<<20), 11, 2, "The queues of all webhooks are full."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				next := make(chan struct{})
				w := newWorld(t, hook.Config{}, func(_ int, r *http.Request) (int, error) {
					select {
					case <-next:
						return 200, nil
					case <-r.Context().Done():
						return 0, r.Context().Err()
					}
				})
				w.listen("Tickets", "title")
				for range tt.events {
					w.ticket(tt.title)
				}
				rows := w.rows("WebhookEventErrorLogs")
				require.Len(t, rows, tt.logged)
				at := func(name string) any { return w.value(rows[0], "WebhookEventErrorLogs", name) }
				require.Equal(t, tt.problem, at("errorMessage"))
				require.Equal(t, int64(tt.events-tt.logged+1), at("sequenceNumber"))
				next <- struct{}{}
				synctest.Wait()
				w.ticket(tt.title)
				require.Len(t, w.logged(), tt.logged, "what was delivered makes room")
				require.NoError(t, w.Stop(t.Context()))
			})
		})
	}
}

// 9 titles of 7 MiB are less than 64 MiB, and it does not matter whose they are.
func TestAllQueuesShareTheirBytes(t *testing.T) {
	t.Parallel()
	title := strings.Repeat("a", 7<<20)
	for name, makeRoom := range map[string]func(w *world){
		"deactivated": func(w *world) { w.patch("TicketWebhooks", 1, 0, fields{"isActive": false}) },
		"reset":       func(w *world) { w.Reset() },
		"delivered": func(w *world) {
			w.receiver.answer = always(200)
			w.wait()
		},
		"given up": func(w *world) { w.advance(2 * time.Minute) },
		"restored": func(w *world) { // nobody tells the webhook that it is not active any more
			w.store.Update(func(tx *record.Tx) {
				t := w.table("TicketWebhooks")
				row, _ := tx.Find(t, 1)
				tx.Replace(t, 1, w.values(t, row.Values(t), fields{"isActive": false}))
			})
			w.advance(30 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hook.Config{Raw: true}, always(500))
				w.listen("Tickets", "title")
				w.listen("Companies", "companyName")
				for range 5 {
					w.ticket(title)
					w.must("Companies", fields{"companyName": title})
				}
				require.Equal(t, []any{"The queues of all webhooks are full."}, w.column("WebhookEventErrorLogs", "errorMessage"))
				synctest.Wait()
				makeRoom(w)
				before := len(w.logged())
				w.ticket(title)
				require.Len(t, w.logged(), before, "there is room again")
				require.NoError(t, w.Stop(t.Context()))
			})
		})
	}
}

func TestAnswerIsReadToABound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body := &endless{}
		w := newWorld(t, hook.Config{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: body, Request: r}, nil
		})}, nil)
		w.listen("Tickets", "title")
		w.ticket("a")
		w.wait()
		require.Equal(t, 200, w.Deliveries()[0].Status)
		require.True(t, body.closed)
		require.LessOrEqual(t, body.read, 128<<10)
	})
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// endless is an answer without an end.
type endless struct {
	read   int
	closed bool
}

func (e *endless) Read(p []byte) (int, error) {
	if e.closed {
		return 0, errors.New("read after close")
	}
	e.read += len(p)
	return len(p), nil
}

func (e *endless) Close() error {
	e.closed = true
	return nil
}
