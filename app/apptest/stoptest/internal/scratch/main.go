// Command scratch is the service that the tests of stoptest stop: it answers at once, slowly, in pieces, for ever, over a
// websocket and over a connection it has taken for itself, and where it is told so, parts of it hang.
package main

import (
	"embed"

	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

//go:embed migrations
var files embed.FS

func main() {
	app.Main("scratch", app.Module(
		"scratch",
		config.Provide[Config](),
		app.Imports(database.Module),
		database.Migrate("scratch", files),
		app.Controllers(newAnswers, newStreams),
		app.OnShutdown(newFlush),
		fx.Invoke(register),
	))
}
