package chat

import (
	"context"
	"log/slog"
	"sync"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Post sends a letter.
type Post interface {
	Send(ctx context.Context, letter string) error
}

// Postman is a Post that only says so.
type Postman struct{ log *slog.Logger }

// NewPostman returns a postman.
func NewPostman(log *slog.Logger) *Postman { return &Postman{log} }

// Send sends nothing here: an example has no post office.
func (p *Postman) Send(ctx context.Context, letter string) error {
	p.log.InfoContext(ctx, "letter sent", slog.Int("bytes", len(letter)))
	return nil
}

// Letters are sent one by one, in the background.
type Letters struct {
	stop  *shutdown.Service
	post  Post
	log   *slog.Logger
	queue chan string

	mu       sync.Mutex
	returned []string // by the post
}

// maxLetters is how many may wait; more are refused.
const maxLetters = 100

// NewLetters returns an empty queue.
func NewLetters(stop *shutdown.Service, post Post, log *slog.Logger) *Letters {
	return &Letters{stop: stop, post: post, log: log, queue: make(chan string, maxLetters)}
}

// Put adds a letter.
func (l *Letters) Put(letter string) error {
	select {
	case l.queue <- letter:
		return nil
	default:
		return app.Unavailable("%d letters are waiting already", maxLetters)
	}
}

// Start begins to send.
func (l *Letters) Start() error {
	ctx := l.stop.Context() // ends when the drain is over: until then a letter under way goes on
	worker, err := l.stop.Worker(ctx, "chat.letters")
	if err != nil {
		return err
	}
	go l.work(ctx, worker) // the stop waits for it
	return nil
}

// work sends letters until GRACE begins. The one it has in hand then, it still sends.
func (l *Letters) work(ctx context.Context, worker *shutdown.Attached) {
	defer worker.Done()
	for worker.Context().Err() == nil {
		select {
		case letter := <-l.queue:
			l.send(ctx, letter)
		case <-worker.Context().Done():
		}
	}
}

func (l *Letters) send(ctx context.Context, letter string) {
	err := l.post.Send(ctx, letter)
	if err == nil {
		return
	}
	l.log.WarnContext(ctx, "letter returned", slog.String("error", err.Error()))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.returned = append(l.returned, letter)
}

// unsent takes out what was not sent. Nobody puts or sends any more when it is called.
func (l *Letters) unsent() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	letters := l.returned
	for len(l.queue) > 0 {
		letters = append(letters, <-l.queue)
	}
	return letters
}
