// Package tickets serves the tickets of Autotask and their notes.
package tickets

import (
	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/auth"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/store"
	"github.com/holdfast-go/holdfast/modules/autotask"
)

// Module serves /api/v1/tickets.
var Module = app.Module("tickets",
	app.Imports(autotask.Module, store.Module, auth.Module),
	app.Controllers(NewController),
)
