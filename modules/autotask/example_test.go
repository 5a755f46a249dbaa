package autotask_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/autotask"
	"github.com/holdfast-go/holdfast/modules/autotask/entities"
	"github.com/holdfast-go/holdfast/modules/autotask/query"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// demo is a client of a simulated tenant.
func demo() (*autotask.Client, error) {
	sim, err := simulator.New(simulator.Config{})
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, log)
	if err != nil {
		return nil, err
	}
	username, code, secret := simulator.Credentials()
	cfg := autotask.Config{Username: username, IntegrationCode: config.Secret(code), Secret: config.Secret(secret)}
	return autotask.New(cfg, breakers, retry.NewService(retry.Config{}, log), log, autotask.WithTransport(sim.Transport()))
}

func ExampleNew() {
	client, err := demo()
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := client.Tickets.Count(context.Background(), query.New())
	fmt.Println(n, err)
	// Output: 1203 <nil>
}

func ExampleEntity_Query() {
	client, err := demo()
	if err != nil {
		fmt.Println(err)
		return
	}
	n := 0
	for _, err := range client.Tickets.Query(context.Background(), query.New()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		n++
	}
	fmt.Println(n, "tickets,", client.Limits().Used, "requests")
	// Output: 1203 tickets, 3 requests
}

func ExampleEntity_Create() {
	client, err := demo()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.TicketNotes.Create(context.Background(), &entities.TicketNote{Title: entities.Some("no ticket")})
	fmt.Println(err)
	// Output: autotask: POST TicketNotes: validation: ticketID is required: a TicketNote is created under one of Tickets
}
