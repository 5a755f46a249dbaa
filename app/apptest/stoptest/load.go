package stoptest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// LoadConfig says what a Load sends, and how often.
type LoadConfig struct {
	// Rate is the number of requests a second. 0 is none: only those of Send are sent.
	Rate int
	// Kept is the share of requests, 0 to 1, that go over connections that are kept, the one that has been idle for longest
	// first. The others get a connection of their own, which is closed after the answer. 0 is none.
	Kept float64
	// Mix are the kinds of requests and their shares. A Rate needs one at least.
	Mix []Kind
	// InFlight bounds the requests under way. One that is due beyond it is not sent and counts as skipped: the load is more
	// than the machine carries, and proves nothing. 0 is 2000.
	InFlight int
	// Patience is how long an answer may take. What takes longer is lost. 0 is 60 s.
	Patience time.Duration
	// Seed makes the order of kinds and connections. Two loads with one seed send the same requests.
	Seed uint64
	// Pick tells where a request goes, host:port, when it is due; To and Balancer.Pick are such functions. Where ok is false,
	// the request is held back: it is counted and not sent. It is required.
	Pick func() (addr string, ok bool)
}

// Kind is a kind of request.
type Kind struct {
	// Name is how errors call it. Empty is the path.
	Name string
	// Share is its weight among the kinds. All at 0 are equal.
	Share float64
	// Method is POST where it is empty.
	Method string
	// Path is what is asked for, with its query. It is required.
	Path string
	// Header is added to the request.
	Header http.Header
	// Body is what is sent.
	Body string
	// Ends is what the body of a good answer ends with: a stream that was cut may have come to an orderly end on the wire.
	// Empty is anything.
	Ends string
}

// To sends every request to one address, host:port or a URL without a path.
func To(address string) func() (string, bool) {
	address = strings.TrimPrefix(address, "http://")
	return func() (string, bool) { return address, true }
}

func (c LoadConfig) withDefaults() LoadConfig {
	c.InFlight = cmp.Or(c.InFlight, 2000)
	c.Patience = cmp.Or(c.Patience, time.Minute)
	return c
}

func (c LoadConfig) validate() error {
	var faults []error
	if c.Rate < 0 {
		faults = append(faults, fmt.Errorf("the Rate is %d", c.Rate))
	}
	if c.Kept < 0 || c.Kept > 1 {
		faults = append(faults, fmt.Errorf("the share Kept is %g, not from 0 to 1", c.Kept))
	}
	if c.Pick == nil {
		faults = append(faults, errors.New("a load needs Pick, for example To(process.URL())"))
	}
	if len(c.Mix) == 0 && c.Rate > 0 {
		faults = append(faults, errors.New("a load needs at least one Kind in its Mix"))
	}
	for i, k := range c.Mix {
		if !strings.HasPrefix(k.Path, "/") || k.Share < 0 {
			faults = append(faults, fmt.Errorf("kind %d of the mix: path %q, share %g", i, k.Path, k.Share))
		}
	}
	return errors.Join(faults...)
}

// Load sends requests at a rate, each when it is due, whether or not those before it have ended. Its methods may be called
// concurrently.
type Load struct {
	cfg         LoadConfig
	kept, fresh *wire
	slots       chan struct{}
	over        chan struct{} // closed by Pause
	pause       sync.Once
	driver      sync.WaitGroup
	requests    sync.WaitGroup
	ctx         context.Context //nolint:containedctx // that of all requests
	cancel      context.CancelFunc

	mu   sync.Mutex
	done Requests
}

// Requests is what became of the requests of a Load.
type Requests struct {
	// All are those that were sent, or that found no connection, in the order in which they ended.
	All []Request
	// Held is the number of those that Pick held back.
	Held int
	// Skipped is the number of those that the load itself could not send in time. It should be 0.
	Skipped int
}

// NewLoad starts a load, which goes on until Pause or Stop. The error tells what is wrong with the settings.
func NewLoad(cfg LoadConfig) (*Load, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	l := &Load{
		cfg: cfg, kept: newWire(true), fresh: newWire(false),
		slots: make(chan struct{}, cfg.InFlight), over: make(chan struct{}),
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.driver.Go(l.drive)
	return l, nil
}

// tick is how often it is looked what is due. A process that falls behind makes up for it.
const tick = 2 * time.Millisecond

func (l *Load) drive() {
	random := rand.New(rand.NewPCG(l.cfg.Seed, 1)) //nolint:gosec // a mix, no secret
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	began := time.Now()
	for offered := 0; ; {
		for due := int(time.Since(began).Seconds() * float64(l.cfg.Rate)); offered < due; offered++ {
			l.offer(l.kind(random.Float64()), random.Float64() < l.cfg.Kept)
		}
		select {
		case <-ticker.C:
		case <-l.over:
			return
		}
	}
}

// kind is the one that a number from 0 to 1 falls to.
func (l *Load) kind(at float64) Kind {
	var sum float64
	for _, k := range l.cfg.Mix {
		sum += k.Share
	}
	if sum == 0 {
		return l.cfg.Mix[int(at*float64(len(l.cfg.Mix)))]
	}
	at *= sum
	for _, k := range l.cfg.Mix {
		if at -= k.Share; at < 0 {
			return k
		}
	}
	return l.cfg.Mix[len(l.cfg.Mix)-1]
}

// Send sends n requests of a kind at once, beside those of the rate, the first of them over kept connections: as many as
// Kept says. It does not wait for their answers. After Pause it sends none.
func (l *Load) Send(n int, k Kind) {
	select {
	case <-l.over:
		return
	default:
	}
	for i := range n {
		l.offer(k, float64(i) < l.cfg.Kept*float64(n))
	}
}

// offer sends a request beside the others.
func (l *Load) offer(k Kind, kept bool) {
	addr, ok := l.cfg.Pick()
	if !ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.done.Held++
		return
	}
	select {
	case l.slots <- struct{}{}:
	default:
		l.mu.Lock()
		defer l.mu.Unlock()
		l.done.Skipped++
		return
	}
	w := l.fresh
	if kept {
		w = l.kept
	}
	l.requests.Go(func() {
		defer func() { <-l.slots }()
		r := l.request(w, addr, k)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.done.All = append(l.done.All, r)
	})
}

// request sends a request and waits for the end of its answer.
func (l *Load) request(w *wire, addr string, k Kind) Request {
	r := Request{Kind: cmp.Or(k.Name, k.Path), Began: time.Now()}
	ctx, cancel := context.WithTimeoutCause(l.ctx, l.cfg.Patience, fmt.Errorf("no answer within %s", l.cfg.Patience))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, cmp.Or(k.Method, http.MethodPost), "http://"+addr+k.Path, strings.NewReader(k.Body))
	if err != nil {
		r.Ended, r.Fate, r.Err = time.Now(), Refused, err
		return r
	}
	for name, values := range k.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	response, passage, err := w.send(req) //nolint:bodyclose // readWhole closes it
	r.Sent, r.Reused = passage.sent, passage.reused
	if err == nil {
		r.Status, r.Close = response.StatusCode, response.Close
		err = readWhole(response, k.Ends)
	}
	r.Ended, r.Err = time.Now(), err
	r.Fate = fateOf(err)
	return r
}

// readWhole reads an answer, and reports where it is not whole.
func readWhole(response *http.Response, ends string) error {
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode < http.StatusBadRequest && !bytes.HasSuffix(content, []byte(ends)) {
		return fmt.Errorf("the answer of %d bytes does not end with %q", len(content), ends)
	}
	return nil
}

// Ended is the number of requests that have ended so far.
func (l *Load) Ended() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.done.All)
}

// InFlight is the number of requests under way.
func (l *Load) InFlight() int { return len(l.slots) }

// Pause sends no more requests. Those under way go on.
func (l *Load) Pause() {
	l.pause.Do(func() { close(l.over) })
	l.driver.Wait()
}

// drop is Stop without patience: requests under way are given up.
func (l *Load) drop() {
	l.cancel()
	l.Stop()
}

// Stop sends no more requests, waits for those under way, and returns what became of all of them. A second call returns the
// same.
func (l *Load) Stop() Requests {
	l.Pause()
	l.requests.Wait()
	l.cancel()
	l.kept.close()
	l.fresh.close()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done
}
