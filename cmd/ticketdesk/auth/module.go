package auth

import (
	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
)

// Module exports *Keys, whose Check is a guard.
var Module = app.Module("auth",
	config.Provide[Config](),
	app.Exports(NewKeys),
)
