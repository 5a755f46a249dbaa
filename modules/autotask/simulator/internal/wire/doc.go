// Package wire is how Autotask is spoken: a request taken apart ([Call]), an answer before its first byte is sent
// ([Answer]), and the texts of both.
//
// Every refusal names the rule of the protocol that the caller broke, if one was broken ([Answer.Misuse]): that is what
// strict mode collects. A refusal that is the simulation's own doing, an outage or a suspended tenant that the caller has
// not caused, has none.
package wire
