// Package config reads the settings of a program from its environment, all of
// them before anything else is built, and reports everything that is wrong
// with them at once.
//
// Each package owns its settings: a plain struct with tags, handed out by
// [Provide] in the package's module.go.
//
//	type Config struct {
//		Attempts int           `envconfig:"SHOP_ATTEMPTS" default:"3" min:"1" max:"10" desc:"Calls to the bank per order."`
//		Wait     time.Duration `envconfig:"SHOP_WAIT" default:"1500" max:"1m" desc:"Pause between two of them."`
//		Key      config.Secret `envconfig:"SHOP_KEY" required:"true" desc:"Key of the bank's interface."`
//	}
//
// # From tags to values
//
//	package a: Provide[A] ---+
//	package b: Provide[B] ---+-- specs --> Load --+--> *Values --> Get[A], Get[B], All
//	environment, .env -------+                    |
//	                                              +--> *Error: every fault
//
// Strongest first: the environment of the process; the file .env, read only
// with APP_ENV=dev in the environment; the default tag.
//
// # Tags
//
//	envconfig  the variable, in full; a field without it is for code alone
//	default    the value, as it would be written in the environment
//	required   "true": there must be a value
//	desc       what the setting does, for .env.example and the config command
//	example    a value that would do, for messages
//	min, max   bounds of a number or duration, both included
//	oneof      the words allowed, separated by spaces; of a list each item, of a map each value
//
// # Types
//
//	string, Secret                  as written; a secret is never shown
//	bool                            true, false, 1, 0
//	integers, floats                within the range of the type; an integer may not begin with 0
//	time.Duration, Millis           1500 (milliseconds), 1.5s, 5m; not negative unless min says so
//	Ratio                           0.5, 50%
//	Stage                           dev, test, prod
//	lists                           a,b,c
//	maps                            a:1,b:2
//	a nested struct                 its fields, by their own full names
//	Decode(string) error,           as the type reads it; a method Allowed() string
//	encoding.TextUnmarshaler        says in words what that is
//
// # What is refused
//
// A value that cannot be read or is out of bounds. A variable that is set but
// empty: unset it to get the default. White space at either end, which is
// what a mounted secret file with a newline gives. A required setting that is
// missing. What the struct's own Validate refuses. A name that is nearly that
// of a setting: within two letters, or a quarter of it when it begins alike.
//
// Parsing is that of github.com/kelseyhightower/envconfig, one field at a
// time, because its Process stops at the first fault; only the source of the
// text is ours.
package config
