package simulator_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// sendBody creates a ticket from a reader.
func (k kit) sendBody(ctx context.Context, body io.Reader) error {
	k.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, api+"Tickets", body)
	require.NoError(k.t, err)
	authorize(req)
	req.Header.Set("Content-Type", "application/json")
	resp, err := k.via.RoundTrip(req)
	if err == nil {
		drain(k.t, resp)
	}
	return err
}

// Nobody carries out what he has not heard to its end, though what there is of it may look whole.
func TestABodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	rows, lost := k.Stats().Rows, errors.New("disk lost")
	require.ErrorIs(t, k.sendBody(t.Context(), io.MultiReader(strings.NewReader(ticket("")), iotest.ErrReader(lost))), lost)
	require.Equal(t, rows, k.Stats().Rows)
	require.Len(t, k.Requests(), 1)
	require.Zero(t, k.Requests()[0].Status)
	require.Zero(t, k.Stats().Rolling)
}

func TestABodyThatBreaksOffOnAConnection(t *testing.T) {
	t.Parallel()
	s := started(t)
	rows := s.Stats().Rows
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	user, code, secret := simulator.Credentials()
	_, err = io.WriteString(conn, strings.Join([]string{
		"POST /ATServicesRest/V1.0/Tickets HTTP/1.1", "Host: " + s.Addr(), "UserName: " + user, "ApiIntegrationCode: " + code,
		"Secret: " + secret, "Content-Type: application/json", "Content-Length: " + strconv.Itoa(len(ticket(""))+1), "",
		ticket(""),
	}, "\r\n"))
	require.NoError(t, err)
	tcp, ok := conn.(*net.TCPConn)
	require.True(t, ok)
	require.NoError(t, tcp.CloseWrite())
	answer, _ := io.ReadAll(conn)
	require.Empty(t, answer)
	require.Equal(t, rows, s.Stats().Rows)
	require.Equal(t, int64(1), s.Stats().Requests)
}

func TestTransportEndsABodyWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, simulator.Config{Tickets: 1})
		body, never := io.Pipe()
		defer func() { _ = never.Close() }()
		ctx, cancel := contextWithTimeout(t, time.Minute)
		defer cancel()
		began := time.Now()
		require.ErrorIs(t, k.sendBody(ctx, body), context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(began))
	})
}

// closes counts how often a body is closed.
type closes struct {
	io.Reader

	n int
}

func (c *closes) Close() error {
	c.n++
	return nil
}

func TestTransportClosesABodyOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t, simulator.Config{Tickets: 1})
	ctx, cancel := context.WithCancel(t.Context())
	body := &closes{Reader: strings.NewReader(ticket(""))}
	require.NoError(t, k.sendBody(ctx, body))
	require.Equal(t, 1, body.n)
	cancel()
	body = &closes{Reader: strings.NewReader(ticket(""))}
	require.ErrorIs(t, k.sendBody(ctx, body), context.Canceled)
	require.Equal(t, 1, body.n)
}
