// Package contract asks an Autotask whether it behaves like Autotask. It holds nothing but tests: one case for each behaviour
// S1 to S52 of the simulator (S45 is left out), over plain HTTP, with no code of the client and none of the simulator.
//
//	go test ./modules/autotask/autotasktest/contract
//	go test ./modules/autotask/autotasktest/contract -url http://127.0.0.1:4480
//	go test ./modules/autotask/autotasktest/contract -url https://webservices.autotask.net -user … -code … -secret …
//
// Without -url a simulator is started in the test's own process, on free ports of loopback. With -url it is a server that
// runs already: a simulator with its default settings, or one day a sandbox of the real API.
//
// # What runs where
//
//	                          reads   writes      control API: clock, faults,    settings of
//	                                              limits, zones, webhooks        the simulator
//	in this process           yes     yes         yes                            yes
//	-url of a simulator       yes     yes         yes                            skipped
//	-url of a sandbox         yes     -write      skipped                        skipped
//
// What is skipped says so in one line. A simulator is reset before and after every case: do not point the suite at one whose
// data you want to keep. In a sandbox it changes nothing but what it has created itself; tickets, which cannot be deleted, are
// completed and stay. -code takes several codes, separated by commas: the second is another integration of the same tenant.
//
// # What is asserted
//
// Texts and shapes that are known are compared letter by letter. Where only the fact of a refusal is known, any text will do:
// a status that is no success, and an array of errors with something in it. Each case carries the mark of its source:
//
//	OD    the developer help says so
//	SW    the API's own description (swagger) says so
//	LIVE  a published client has seen it in real traffic
//	PEER  a published client does it this way
//	?     a guess, or a matter of the simulator alone
//
// The cases run one after another, each by itself with -run, and leave nothing behind for one another. Outside of the cases
// about misuse the suite keeps to the protocol itself: the simulator's list of violations must stay empty.
package contract
