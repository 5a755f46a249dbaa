package shutdown_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/shutdown"
)

// conn is a connection of which only Close matters.
type conn struct {
	hold   chan struct{} // Close waits for it; nil does not
	panics bool
	closed atomic.Int32
}

func (c *conn) Close() error {
	c.closed.Add(1)
	if c.panics {
		panic("closed twice")
	}
	if c.hold != nil {
		<-c.hold
	}
	return nil
}

func TestAttachedIsToldAndAwaited(t *testing.T) {
	t.Parallel()
	abrupt := shutdown.DefaultConfig()
	abrupt.EnableGraceful = false
	tests := map[string]struct {
		cfg        shutdown.Config
		streamEnds time.Duration // after it was told
		workerEnds time.Duration
		wantStream time.Duration // when it is told
		wantWorker time.Duration
		wantTook   time.Duration
		want       error
		wantClosed int32
	}{
		"both obey":         {cfg: shutdown.DefaultConfig(), wantStream: 10 * time.Second, wantTook: 10 * time.Second},
		"a stream lingers":  {cfg: shutdown.DefaultConfig(), streamEnds: 4 * time.Second, wantStream: 10 * time.Second, wantTook: 14 * time.Second},
		"a worker lingers":  {cfg: shutdown.DefaultConfig(), workerEnds: 12 * time.Second, wantStream: 10 * time.Second, wantTook: 12 * time.Second},
		"a stream stays":    {cfg: shutdown.DefaultConfig(), streamEnds: time.Hour, wantStream: 10 * time.Second, wantTook: 42 * time.Second, want: shutdown.ErrDrain, wantClosed: 1},
		"a worker stays":    {cfg: shutdown.DefaultConfig(), workerEnds: time.Hour, wantStream: 10 * time.Second, wantTook: 42 * time.Second, want: shutdown.ErrDrain},
		"cut, then obeys":   {cfg: shutdown.DefaultConfig(), streamEnds: 31 * time.Second, wantStream: 10 * time.Second, wantTook: 41 * time.Second, want: shutdown.ErrDrain},
		"ungraceful":        {cfg: abrupt},
		"ungraceful, stays": {cfg: abrupt, streamEnds: time.Hour, workerEnds: time.Second, wantTook: 2 * time.Second, want: shutdown.ErrDrain, wantClosed: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, tt.cfg)
				s.Ready()
				var socket conn
				stream, err := s.Stream(t.Context(), "chat", &socket)
				require.NoError(t, err)
				worker, err := s.Worker(t.Context(), "jobs")
				require.NoError(t, err)
				var toldStream, toldWorker time.Duration
				began := time.Now()
				var both sync.WaitGroup
				obey := func(a *shutdown.Attached, told *time.Duration, ends time.Duration) {
					<-a.Context().Done()
					*told = time.Since(began)
					time.Sleep(ends)
					a.Done()
					a.Done()
				}
				both.Go(func() { obey(stream, &toldStream, tt.streamEnds) })
				both.Go(func() { obey(worker, &toldWorker, tt.workerEnds) })

				s.Request("test")
				require.ErrorIs(t, s.Wait(t.Context()), tt.want)
				require.Equal(t, tt.wantTook, time.Since(began))
				require.ErrorIs(t, context.Cause(stream.Context()), shutdown.ErrShuttingDown)
				require.ErrorIs(t, context.Cause(worker.Context()), shutdown.ErrShuttingDown)
				s.Finish()
				both.Wait()
				require.Equal(t, []time.Duration{tt.wantStream, tt.wantWorker}, []time.Duration{toldStream, toldWorker})
				require.Equal(t, tt.wantClosed, socket.closed.Load())
				report := s.Report()
				require.Empty(t, report.Unfinished, "both have left by now")
				require.Equal(t, []int{1, 1, 0}, []int{report.StreamsAtStart, report.WorkersAtStart, report.InFlightAtStart})
				require.Equal(t, tt.want == nil, report.DrainCompleted)
			})
		})
	}
}

func TestAttachedThatStaysIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		s.Ready()
		stream, err := s.Stream(t.Context(), "chat", nil)
		require.NoError(t, err)
		worker, err := s.Worker(t.Context(), "jobs")
		require.NoError(t, err)
		s.Request("test")
		require.EqualError(t, s.Wait(t.Context()), "the drain timed out: 0 in flight, streams: 1, workers: 1")
		report := s.Report()
		require.Equal(t, []int{1, 1}, []int{report.StreamsCut, report.WorkersCut})
		require.False(t, report.DrainCompleted)
		require.Equal(t, []shutdown.Unfinished{
			{Kind: "stream", Name: "chat", Age: 42 * time.Second},
			{Kind: "worker", Name: "jobs", Age: 42 * time.Second},
		}, report.Unfinished)
		stream.Done()
		require.Len(t, s.Report().Unfinished, 1, "who leaves late is gone from the report")
		worker.Done()
		s.Finish()
	})
}

// A connection whose Close hangs or panics holds up nothing.
func TestCloseThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		s.Ready()
		hangs, panics := &conn{hold: make(chan struct{})}, &conn{panics: true}
		for _, c := range []*conn{hangs, panics} {
			_, err := s.Stream(t.Context(), "chat", c)
			require.NoError(t, err)
		}
		began := time.Now()
		s.Request("test")
		require.ErrorIs(t, s.Wait(t.Context()), shutdown.ErrDrain)
		require.Equal(t, 42*time.Second, time.Since(began))
		<-s.Forced()
		s.Finish()
		synctest.Wait()
		require.Equal(t, []int32{1, 1}, []int32{hangs.closed.Load(), panics.closed.Load()}, "closed once, not again when forced")
		close(hangs.hold)
	})
}

func TestAttachAtTheWrongTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		s.Ready()
		s.Request("test")
		_, err := s.Worker(t.Context(), "jobs")
		require.ErrorIs(t, err, shutdown.ErrShuttingDown)
		stream, err := s.Stream(t.Context(), "chat", nil)
		require.NoError(t, err, "grace still serves")
		stream.Done()
		require.ErrorIs(t, context.Cause(stream.Context()), context.Canceled, "released, not told")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		_, err = s.Stream(t.Context(), "chat", nil)
		require.ErrorIs(t, err, shutdown.ErrShuttingDown)
		s.Finish()
	})
}

func TestFinishEndsWhatIsAttached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, shutdown.DefaultConfig())
		var socket conn
		stream, err := s.Stream(t.Context(), "chat", &socket)
		require.NoError(t, err)
		worker, err := s.Worker(t.Context(), "jobs")
		require.NoError(t, err)
		s.Finish()
		synctest.Wait()
		require.ErrorIs(t, context.Cause(stream.Context()), shutdown.ErrShuttingDown)
		require.ErrorIs(t, context.Cause(worker.Context()), shutdown.ErrShuttingDown)
		require.EqualValues(t, 1, socket.closed.Load())
		_, err = s.Stream(t.Context(), "late", nil)
		require.ErrorIs(t, err, shutdown.ErrShuttingDown)
		stream.Done()
	})
}

// What is attached while a stop begins is told or refused, never forgotten.
func TestAttachIsNeverLost(t *testing.T) {
	t.Parallel()
	for range 20 {
		s := newService(t, shutdown.DefaultConfig())
		var clients sync.WaitGroup
		for range 4 {
			clients.Go(func() {
				for range 500 { // more than a stop takes to begin
					stream, err := s.Stream(t.Context(), "chat", nil)
					if err != nil {
						return
					}
					clients.Go(func() { <-stream.Context().Done(); stream.Done() })
					worker, err := s.Worker(t.Context(), "jobs")
					if err != nil {
						continue
					}
					worker.Done()
				}
			})
		}
		s.Request("test")
		err := s.Wait(t.Context())
		clients.Wait()
		s.Finish()
		require.NoError(t, err)
	}
}

func BenchmarkStream(b *testing.B) {
	s := newService(b, shutdown.DefaultConfig())
	ctx := b.Context()
	b.Run("one core", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			stream, _ := s.Stream(ctx, "chat", nil)
			stream.Done()
		}
	})
	b.Run("all cores", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				stream, _ := s.Stream(ctx, "chat", nil)
				stream.Done()
			}
		})
	})
}
