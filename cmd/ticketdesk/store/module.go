package store

import (
	"embed"
	"io/fs"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/database"
)

//go:embed migrations
var files embed.FS

// Module exports *Store, and brings the migrations of its table along.
var Module = app.Module("store",
	app.Imports(database.Module),
	app.Exports(New),
	database.Migrate("ticketdesk", migrations()),
)

func migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}
