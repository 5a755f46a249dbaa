// Package stoptest proves on the real binary that a program stops without losing a request. It starts the program, drives
// it, signals it in the middle of the load, and tells what became of every single request:
//
//	func TestStop(t *testing.T) {
//		t.Parallel()
//		out := stoptest.Trial{
//			Command: stoptest.Command{Path: program, Env: map[string]string{"SHUTDOWN_HEALTH_GRACE_PERIOD": "1s"}},
//			Load:    stoptest.LoadConfig{Rate: 100, Kept: 0.5, Mix: []stoptest.Kind{{Path: "/orders/1"}}},
//			Before:  time.Second,
//			Within:  10 * time.Second,
//		}.Run(t)
//		t.Log(out)
//		require.NoError(t, out.Clean())
//	}
//
// Build makes the binary, once, in TestMain.
//
// # What is counted
//
// The load is an open loop: a request is sent when it is due, whether or not those before it have ended, so a server that
// stalls is not spared. Every request is sent once. net/http's own client sends an idempotent request again when its
// connection turns out to be closed, and so hides the very losses that are looked for; here a request ends as one of
//
//	answered   a whole answer came, of any status
//	refused    there was no connection, nothing was sent: every client tries elsewhere
//	lost       it was sent, and no answer came, or a part of one
//
// and is counted in the time in which it was sent:
//
//	     signal             last dial that worked  first dial that was refused
//	before │ listening            │ at the close            │ after
//	───────┴──────────────────────┴─────────────────────────┴──────▶
//
// A connection that the server has closed while it was idle is dropped and nothing is sent on it, as every client does.
//
// # The parts
//
//	Process    a program at work: its log, its exit code; killed with its test
//	Load       requests at a rate, over kept and over new connections
//	Watch      probes: when does readiness turn, is liveness kept, when does the listener close, what do the last metrics say
//	Balancer   picks a replica that says that it is ready, as a load balancer does
//	Proxy      a reverse proxy in front of a Balancer, for rolling restarts
//	Trial      all of them together: one start and one stop
//	Outcome    what came of a Trial; its checks return errors, so that a test decides what it insists on
package stoptest
