// Command serve is the chat as a program.
package main

import (
	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/docs/examples/chat"
)

func main() { app.Main("chat", chat.Module) }
