package logging

import (
	"context"
	"io"
	"log/slog"
)

// Key is the attribute that names the module a logger belongs to.
const Key = "module"

// New returns a logger that writes to w, and the levels it obeys. Every line is
// one call of w.Write. It fails when Config.Validate does.
func New(cfg Config, w io.Writer) (*slog.Logger, *Levels, error) {
	if err := cfg.Validate(); err != nil {
		return nil, nil, err
	}
	levels := new(Levels)
	root, err := parseLevel(cfg.Level)
	if err != nil {
		return nil, nil, err
	}
	levels.Set("", root)
	for module, word := range cfg.Levels {
		level, err := parseLevel(word)
		if err != nil {
			return nil, nil, err
		}
		levels.Set(module, level)
	}
	// The levels are asked by handler; what comes through is written.
	opts := &slog.HandlerOptions{Level: slog.Level(-1 << 31), ReplaceAttr: unit}
	var out slog.Handler = slog.NewJSONHandler(w, opts)
	if cfg.text() {
		out = slog.NewTextHandler(w, opts)
	}
	return slog.New(&handler{levels: levels, level: &levels.root, plain: out, out: out}), levels, nil
}

// unit writes a duration with its unit in JSON too, where slog has a bare number of nanoseconds.
func unit(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

// handler asks the level of its module and hands on to out.
type handler struct {
	levels  *Levels
	level   slog.Leveler
	plain   slog.Handler // out without the module attribute, so that it can be replaced
	out     slog.Handler
	module  []slog.Attr // the module attribute, if there is one
	grouped bool        // attributes are inside a group now
}

// Enabled implements slog.Handler. It allocates nothing.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle implements slog.Handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) error { return h.out.Handle(ctx, r) }

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	n := *h
	if h.grouped {
		n.out = h.out.WithAttrs(attrs)
		return &n
	}
	rest := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a.Key == Key && a.Value.Kind() == slog.KindString {
			n.module = []slog.Attr{a}
			n.level = h.levels.module(a.Value.String())
			continue
		}
		rest = append(rest, a)
	}
	n.plain = h.plain.WithAttrs(rest)
	n.out = n.plain
	if len(n.module) > 0 {
		n.out = n.plain.WithAttrs(n.module)
	}
	return &n
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	n := *h
	n.out = h.out.WithGroup(name)
	n.grouped = true
	return &n
}
