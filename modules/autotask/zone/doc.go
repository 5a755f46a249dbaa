// Package zone finds the host that serves an Autotask tenant.
//
// A tenant lives in exactly one zone. Which one, Autotask tells anyone who knows the API user's name:
//
//	Pick ─▶ fixed by configuration? ───────────────────────────────────▶ that
//	         └▶ known, younger than 24 h? ─────────────────────────────▶ that
//	              └▶ one caller asks webservices, then webservices2,
//	                 the others wait for its answer ──▶ found ─────────▶ kept for 24 h
//	                                                 └▶ failed: the old zone serves a minute more, else the error
//
//	Moved (after a 401) ─▶ asks again ─▶ another URL: repeat there · the same URL: the credentials are wrong
//
// A list of zones in a program rots: there is none here.
//
// Source: Autotask developer help, "REST API: Zone information"; the answer's url has no version segment.
package zone
