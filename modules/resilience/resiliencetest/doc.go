// Package resiliencetest helps to test what is kept resilient: a dependency
// that plays a script, and breakers that are put into a state. Nothing in it is
// a mock: breakers, retries and pipelines are the real ones.
//
//	stock := resiliencetest.Script(
//		resiliencetest.Status(http.StatusServiceUnavailable),           // attempt 1
//		resiliencetest.Slow(2*time.Second, resiliencetest.OK(12)),      // attempt 2
//	)                                                                   // and so on with the last
//
// One [Dependency] is whatever a test needs in the place of the real one:
//
//	a pipeline's call      kit.Pipeline("stock", policy).Run(ctx, stock)   it is a resilience.Attempt
//	a method of a fake     return resiliencetest.Play[int](ctx, stock)     under apptest.Override
//	an outgoing request    client.WithTransport(stock)                     it is an http.RoundTripper
//
// Everything waits by package time and nothing else, so a test belongs into a
// bubble of [testing/synctest]: there the 30 s of an open breaker take no time
// and every duration is exact.
package resiliencetest
