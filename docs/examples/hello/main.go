// Command hello serves rates of exchange.
package main

import (
	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/docs/examples/hello/rates"
)

func main() { app.Main("hello", rates.Module) }
