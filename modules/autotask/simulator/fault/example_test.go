package fault_test

import (
	"fmt"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

func ExampleParse() {
	plan, err := fault.Parse([]byte(`{"seed": 7, "rules": [
		{"kind": "reset_after", "entity": "Tickets", "method": "POST", "after": 1, "times": 1},
		{"kind": "latency", "entity": "Companies", "chance": 0.1, "duration": "1500ms"}
	]}`))
	fmt.Println(err, plan.Rules[0].Kind, plan.Rules[1].Duration)
	_, err = fault.Parse([]byte(`{"rules": [{"kind": "html", "state": 503}]}`))
	fmt.Println(err)
	// Output:
	// <nil> reset_after 1.5s
	// rule 1: unknown member "state"; known are after, chance, duration, entity, kind, method, path, status, times
}

func ExamplePlan_Validate() {
	plan := fault.Plan{Rules: []fault.Rule{
		{Kind: fault.ResetBefore, Entity: "Ticket"},
		{Kind: fault.HTMLPage, Chance: 1.5, Status: 500},
	}}
	fmt.Println(plan.Validate())
	// Output:
	// rule 1: entity: "Ticket" is not the name of an entity as in its path, like Tickets or TicketNotes
	// rule 2: chance: 1.5 is not between 0 and 1
	// rule 2: status: 500 is none of 502, 503, 504
}
