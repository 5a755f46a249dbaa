package main

import "context"

// composed measures a call that succeeds through bulkhead, retry, breaker and timeout.
func composed(m meter) ([]row, error) {
	pipeline, _, err := compile(whole())
	if err != nil {
		return nil, err
	}
	background := context.Background()
	cancellable, cancel := context.WithCancel(background)
	defer cancel()

	plain := subject{name: "pipeline", loop: run(pipeline, background, call{})}
	waits := subject{name: "pipeline, callee asks Done", loop: run(pipeline, background, waiting{})}
	inRequest := subject{name: "pipeline, callee asks Done in a request", loop: run(pipeline, cancellable, waiting{})}
	rows, err := m.rows([]pair{
		{what: "success", ours: plain, theirs: failsafeComposed(), most: 0.12},
		{what: "success", ours: plain, theirs: byHand(background, nop), most: 0.25},
		{what: "success", ours: plain, theirs: byHand5(background, nop)},
		{what: "success", ours: plain, theirs: eapacheComposed()},
		{what: "success", ours: plain, theirs: goZeroComposed()},
		{what: "callee asks Done()", ours: waits, theirs: failsafeComposedDone()},
		{what: "callee asks Done()", ours: waits, theirs: byHand(background, ask)},
		{what: "callee asks Done(), cancellable caller", ours: inRequest, theirs: byHand(cancellable, ask)},
	})
	if err != nil {
		return nil, err
	}
	success, done := allocations(plain.loop), allocations(waits.loop)
	return append(rows,
		counted("success", success).within(success, 2),
		counted("callee asks Done()", done).within(done, 4),
	), nil
}

func nop(context.Context) error { return nil }
