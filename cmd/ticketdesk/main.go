// Command ticketdesk serves the tickets of an Autotask tenant over HTTP: the reference service of Holdfast, written as a user
// would write one.
//
// With APP_ENV=dev and no Autotask credentials it brings a simulated Autotask along.
package main

import (
	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/companies"
	"github.com/holdfast-go/holdfast/cmd/ticketdesk/tickets"
)

func main() {
	app.Main("ticketdesk", tickets.Module, companies.Module, development())
}
