package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

// closed measures a breaker alone that lets everything through.
func closed(m meter) ([]row, error) {
	h, err := newHoldfast()
	if err != nil {
		return nil, err
	}
	breaker := h.breakers.Get("bench")
	around := subject{name: "Breaker.Do", loop: do(breaker)}
	steps := subject{name: "Acquire and Done", loop: acquire(breaker)}
	rows, err := m.rows([]pair{
		{what: "around a call (Breaker.Do)", ours: around, theirs: gobreaker2(), most: 0.5},
		{what: "in two steps (Acquire, Done)", ours: steps, theirs: gobreaker2TwoStep(), most: 0.5},
		{what: "around a call", ours: around, theirs: gobreaker2Rolling()},
		{what: "around a call", ours: around, theirs: gobreaker1()},
		{what: "around a call", ours: around, theirs: failsafeBreaker()},
		{what: "in two steps", ours: steps, theirs: failsafeBreakerAlone()},
		{what: "around a call", ours: around, theirs: goZeroBreaker()},
		{what: "around a call (theirs: no window, no successes)", ours: around, theirs: eapacheBreaker()},
	})
	if err != nil {
		return nil, err
	}
	scaled, err := scalings(m, around)
	return append(rows, scaled...), err
}

// scalings tells what a second core brings on one shared instance.
func scalings(m meter, breaker subject) ([]row, error) {
	pipeline, _, err := compile(whole())
	if err != nil {
		return nil, err
	}
	whole := subject{name: "Pipeline.Run, whole policy", loop: run(pipeline, context.Background(), call{})}
	machine := subject{name: "arithmetic, for what the machine gives", loop: arithmetic}
	var rows []row
	for _, s := range []subject{breaker, whole, gobreaker2(), failsafeComposed(), machine} {
		ratio, err := m.scaling(s)
		if err != nil {
			return nil, err
		}
		r := row{what: "two cores over one: " + s.name}.with(ratio)
		if len(rows) < 2 { // ours
			r = r.atLeast(ratio.median, 1)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// arithmetic shares nothing, so that two cores do twice as much of it.
func arithmetic(n int) error {
	x := uint64(1)
	for range n {
		for range 32 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
	}
	if x == 0 { // never: xorshift does not come to zero
		return errBroken
	}
	return nil
}

// open measures a breaker that refuses.
func open(m meter) ([]row, error) {
	h, err := newHoldfast()
	if err != nil {
		return nil, err
	}
	breaker := h.breakers.Get("bench")
	trip(func() error { return breaker.Do(context.Background(), broken) })
	pipeline, err := openPipeline(whole())
	if err != nil {
		return nil, err
	}
	ours := subject{name: "Breaker.Do", loop: doRefused(breaker)}
	through := subject{name: "Pipeline.Run", loop: runRefused(pipeline)}
	rows, err := m.rows([]pair{
		{what: "refusal (Breaker.Do)", ours: ours, theirs: gobreaker2Open(), most: 0.8},
		{what: "refusal", ours: ours, theirs: failsafeBreakerOpen()},
		{what: "refusal of the whole policy", ours: through, theirs: failsafeComposedOpen()},
	})
	allocs := allocations(ours.loop)
	return append(rows, counted("refusal (Breaker.Do)", allocs).within(allocs, 0)), err
}

// openPipeline compiles a policy and opens its breaker.
func openPipeline(p resilience.Policy) (*resilience.Pipeline, error) {
	pipeline, h, err := compile(p)
	if err != nil {
		return nil, err
	}
	breaker := h.breakers.Get("bench")
	trip(func() error { return breaker.Do(context.Background(), broken) })
	return pipeline, nil
}

func broken(context.Context) error { return errBroken }

// trip makes as many calls that fail as open any of the breakers here.
func trip(failing func() error) {
	for range 20 {
		_ = failing()
	}
}

func do(b *circuitbreaker.Breaker) func(int) error {
	ctx := context.Background()
	return func(n int) error {
		for range n {
			if err := b.Do(ctx, nop); err != nil {
				return err
			}
		}
		return nil
	}
}

// doRefused is the loop of calls that an open breaker refuses.
func doRefused(b *circuitbreaker.Breaker) func(int) error {
	ctx := context.Background()
	return func(n int) error {
		var err error
		for range n {
			err = b.Do(ctx, nop)
		}
		return refusal(err, circuitbreaker.ErrOpen)
	}
}

// runRefused is the loop of calls that the open breaker of a pipeline refuses.
func runRefused(p *resilience.Pipeline) func(int) error {
	ctx := context.Background()
	return func(n int) error {
		var err error
		for range n {
			err = p.Run(ctx, call{}).Err
		}
		return refusal(err, circuitbreaker.ErrOpen)
	}
}

// refusal returns nil if err is the one that was wanted.
func refusal(err, want error) error {
	if errors.Is(err, want) {
		return nil
	}
	return fmt.Errorf("not refused: %w", errors.Join(err, errBroken))
}

func acquire(b *circuitbreaker.Breaker) func(int) error {
	return func(n int) error {
		for range n {
			permit, err := b.Acquire()
			if err != nil {
				return err
			}
			permit.Done(circuitbreaker.Success, nil)
		}
		return nil
	}
}
