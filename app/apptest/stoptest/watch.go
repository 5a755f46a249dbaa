package stoptest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// WatchConfig says what a Watch looks at.
type WatchConfig struct {
	// URL is where the routes are served. It is dialed, and nothing is sent.
	URL string
	// AdminURL is where /readyz, /livez, /metrics and /shutdown are asked for, each time over a new connection.
	AdminURL string
	// Every is the time between two dials and between two looks at readiness. Liveness is looked at half as often, the pages
	// a tenth as often. 0 is 5 ms.
	Every time.Duration
}

// Watch probes a program from outside while it stops.
type Watch struct {
	cfg    WatchConfig
	cancel context.CancelFunc
	probes sync.WaitGroup

	mu   sync.Mutex
	seen Seen
}

// Seen is what a Watch saw.
type Seen struct {
	// LastOpen is when the last dial began that worked, ShutAt when the first one after it was known to be refused. The
	// listener closed in between. Both are zero where that was not seen.
	LastOpen, ShutAt time.Time
	// Reopened tells that a dial worked after one that was refused.
	Reopened bool

	// LastReady is when the last look at readiness began that found 200, NotReady when the first one after it ended that
	// found something else. ReadyAgain tells that 200 came after that.
	LastReady, NotReady time.Time
	ReadyAgain          bool

	// Lives is how often liveness was 200, LastLive when it was so for the last time. Unanswered is when the first look after
	// that began that had no answer: the program may have gone. Dead are the answers other than 200, and the looks without an
	// answer that one of 200 came after.
	Lives      int
	LastLive   time.Time
	Unanswered time.Time
	Dead       []string

	// Metrics and Report are the last answers of /metrics and /shutdown with their times.
	Metrics, Report     string
	MetricsAt, ReportAt time.Time
}

// NewWatch starts to probe, until Stop.
func NewWatch(cfg WatchConfig) *Watch {
	cfg.Every = cmp.Or(cfg.Every, 5*time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	w := &Watch{cfg: cfg, cancel: cancel}
	if cfg.URL != "" {
		w.repeat(ctx, cfg.Every, w.dial)
	}
	w.repeat(ctx, cfg.Every, w.ready)
	w.repeat(ctx, 2*cfg.Every, w.live)
	w.repeat(ctx, 10*cfg.Every, w.pages)
	return w
}

// repeat looks again and again, one look at a time.
func (w *Watch) repeat(ctx context.Context, every time.Duration, look func(context.Context, *prober)) {
	w.probes.Go(func() {
		p := newProber()
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			look(ctx, p)
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	})
}

// Stop ends the probes and returns what was seen.
func (w *Watch) Stop() Seen {
	w.cancel()
	w.probes.Wait()
	return w.Seen()
}

// Seen is what was seen so far.
func (w *Watch) Seen() Seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.seen
	s.Dead = append([]string(nil), s.Dead...)
	return s
}

func (w *Watch) dial(ctx context.Context, p *prober) {
	began := time.Now()
	conn, err := p.dialer.DialContext(ctx, "tcp", strings.TrimPrefix(w.cfg.URL, "http://"))
	if err == nil {
		_ = conn.Close()
	}
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch s := &w.seen; {
	case err == nil && !s.ShutAt.IsZero():
		s.Reopened = true
	case err == nil:
		s.LastOpen = began
	case s.ShutAt.IsZero() && !s.LastOpen.IsZero():
		s.ShutAt = time.Now()
	}
}

func (w *Watch) ready(ctx context.Context, p *prober) {
	began := time.Now()
	status, _, err := p.get(ctx, w.cfg.AdminURL+"/readyz")
	if ctx.Err() != nil {
		return
	}
	ready := err == nil && status == http.StatusOK
	w.mu.Lock()
	defer w.mu.Unlock()
	switch s := &w.seen; {
	case ready && !s.NotReady.IsZero():
		s.ReadyAgain = true
	case ready:
		s.LastReady = began
	case s.NotReady.IsZero() && !s.LastReady.IsZero():
		s.NotReady = time.Now()
	}
}

func (w *Watch) live(ctx context.Context, p *prober) {
	began := time.Now()
	status, _, err := p.get(ctx, w.cfg.AdminURL+"/livez")
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch s := &w.seen; {
	case err != nil && s.Lives > 0 && s.Unanswered.IsZero():
		s.Unanswered = began
	case err != nil:
	case status != http.StatusOK:
		s.Dead = append(s.Dead, fmt.Sprintf("liveness said %d at %s", status, time.Now().Format(time.StampMilli)))
	default:
		if !s.Unanswered.IsZero() {
			s.Dead = append(s.Dead, "liveness did not answer at "+s.Unanswered.Format(time.StampMilli)+" and did later")
			s.Unanswered = time.Time{}
		}
		s.Lives++
		s.LastLive = time.Now()
	}
}

func (w *Watch) pages(ctx context.Context, p *prober) {
	status, metrics, err := p.get(ctx, w.cfg.AdminURL+"/metrics")
	if err == nil && status == http.StatusOK {
		w.mu.Lock()
		w.seen.Metrics, w.seen.MetricsAt = metrics, time.Now()
		w.mu.Unlock()
	}
	status, report, err := p.get(ctx, w.cfg.AdminURL+"/shutdown")
	if err == nil && status == http.StatusOK {
		w.mu.Lock()
		w.seen.Report, w.seen.ReportAt = report, time.Now()
		w.mu.Unlock()
	}
}

// prober asks for one page at a time, each over a new connection, as those do who look after containers.
type prober struct {
	client http.Client
	dialer net.Dialer
}

// longestProbe bounds one look. It is far above what an answer takes: a machine may be busy.
const longestProbe = 10 * time.Second

func newProber() *prober {
	return &prober{
		client: http.Client{Transport: newWire(false), Timeout: longestProbe},
		dialer: net.Dialer{Timeout: longestProbe},
	}
}

func (p *prober) get(ctx context.Context, url string) (status int, text string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	response, err := p.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}
