package main

import (
	"context"
	"log/slog"
	"time"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/database"
	"github.com/holdfast-go/holdfast/shutdown"
)

// hooks are told to the log, so that a test can see which of them ran.
type hooks struct {
	cfg Config
	log *slog.Logger
}

// register appends two hooks, the second of which is slow or hangs where it is told so. The database starts before them.
func register(lc fx.Lifecycle, cfg Config, log *slog.Logger, _ *database.Service) {
	h := &hooks{cfg: cfg, log: log}
	lc.Append(fx.StartStopHook(h.startFirst, h.stopFirst))
	lc.Append(fx.StartStopHook(h.startLast, h.stopLast))
}

func (h *hooks) startFirst(ctx context.Context) { h.log.InfoContext(ctx, "first hook started") }

func (h *hooks) stopFirst(ctx context.Context) error {
	if err := wait(ctx, h.cfg.StopTakes); err != nil {
		return err
	}
	h.log.InfoContext(ctx, "first hook stopped")
	return nil
}

func (h *hooks) startLast(ctx context.Context) error {
	h.log.InfoContext(ctx, "last hook starts")
	if err := wait(ctx, h.cfg.StartTakes); err != nil {
		return err
	}
	h.log.InfoContext(ctx, "last hook started")
	return nil
}

func (h *hooks) stopLast(ctx context.Context) {
	if h.cfg.HangHook {
		select {}
	}
	h.log.InfoContext(ctx, "last hook stopped")
}

func newFlush(cfg Config, log *slog.Logger) shutdown.Task {
	return shutdown.Task{Name: "flush", Run: func(ctx context.Context) error {
		if cfg.HangTask {
			select {}
		}
		log.InfoContext(ctx, "flushed")
		return nil
	}}
}

// wait returns after d, or with the cause of ctx when that ends first.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
