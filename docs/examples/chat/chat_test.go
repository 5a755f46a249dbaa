package chat_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app/apptest"
	"github.com/holdfast-go/holdfast/docs/examples/chat"
	"github.com/holdfast-go/holdfast/shutdown"
)

func TestTalkersAreToldToLeave(t *testing.T) {
	t.Parallel()
	var stop *shutdown.Service
	a := apptest.New(t, chat.Module, fx.Populate(&stop))
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	//nolint:bodyclose // after an upgrade there is no body
	conn, _, err := websocket.Dial(t.Context(), server.URL+"/chat/talk", &websocket.DialOptions{HTTPClient: server.Client()})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() })

	require.NoError(t, conn.Write(t.Context(), websocket.MessageText, []byte("hello")))
	_, text, err := conn.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, "hello", string(text))

	stop.Request("a test")
	for err == nil { // a warning may come first
		_, _, err = conn.Read(t.Context())
	}
	require.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(err))
	require.NoError(t, a.Stop(t.Context()))
	require.True(t, stop.Report().DrainCompleted)
}

func TestListenersComeToTheirEnd(t *testing.T) {
	t.Parallel()
	var stop *shutdown.Service
	a := apptest.New(t, chat.Module, fx.Populate(&stop))
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/chat/listen", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Accept", "text/event-stream")
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	require.Equal(t, http.StatusOK, response.StatusCode)

	stop.Request("a test")
	_, err = io.ReadAll(response.Body)
	require.NoError(t, err, "it ends as a stream should, and is not torn off")
	require.NoError(t, a.Stop(t.Context()))
	require.True(t, stop.Report().DrainCompleted)
}

func TestStreamsAreRefusedWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	var stop *shutdown.Service
	a := apptest.New(t, chat.Module, fx.Populate(&stop))
	stop.Request("a test")
	require.NoError(t, stop.Wait(t.Context()))
	a.Get("/chat/talk").Do().Status(http.StatusServiceUnavailable)
}

// post is a slow post.
type post struct {
	mu   sync.Mutex
	sent []string
}

func (p *post) Send(ctx context.Context, letter string) error {
	select {
	case <-time.After(20 * time.Second):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, letter)
	return nil
}

// The clocks are the shipped ones; in a bubble they take no time.
func TestNoLetterIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var stop *shutdown.Service
		var drawer *chat.Drawer
		var slow post
		a := apptest.New(t, chat.Module, apptest.Override[chat.Post](&slow), fx.Populate(&stop, &drawer),
			apptest.Env(map[string]string{"SHUTDOWN_HEALTH_GRACE_PERIOD": "10s"}))
		for _, text := range []string{"one", "two", "three"} {
			a.Post("/chat/letters").JSON(chat.NewLetter{Text: text}).Do().Status(http.StatusAccepted)
		}
		synctest.Wait() // the first is in hand

		began := time.Now()
		stop.Request("a test")
		require.NoError(t, stop.Wait(t.Context()))
		require.Equal(t, 20*time.Second, time.Since(began), "the letter in hand is waited for, and nothing else")
		require.Equal(t, []string{"one"}, slow.sent)
		letters, label := drawer.Look()
		require.Equal(t, []string{"two", "three"}, letters)
		require.Equal(t, "complete", label)
	})
}

func TestJammedDrawerIsLabelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		drawer := chat.NewDrawer()
		drawer.Jam(errors.New("the drawer is stuck"))
		letters := chat.NewLetters(nil, nil, nil)
		stop, err := shutdown.NewService(shutdown.DefaultConfig(), slog.New(slog.DiscardHandler),
			chat.NewReceipt(drawer), chat.NewKeep(letters, drawer))
		require.NoError(t, err)

		stop.Request("a test")
		require.ErrorIs(t, stop.Wait(t.Context()), shutdown.ErrTask)
		stop.Finish()
		_, label := drawer.Look()
		require.True(t, strings.HasPrefix(label, "incomplete: "), label)
		require.Contains(t, label, "the drawer is stuck")
	})
}
