package tenant

import (
	"net/http"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/seed"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// The version that the simulation says it is. Its members are the API's, their values are a guess.
const version = `{"majorVersion":2026,"minorVersion":2,"build":"1.0","customerType":"Production"}`

// about answers the paths that are no entity's: the tenant about itself.
func (t *Tenant) about(c *wire.Call) wire.Answer {
	if len(c.Segments) != 1 {
		return c.NotFound()
	}
	var answer func() wire.Answer
	switch strings.ToLower(c.Segments[0]) {
	case "version":
		answer = func() wire.Answer { return wire.JSON([]byte(version)) }
	case "modules":
		answer = modules
	case "authenticate":
		answer = func() wire.Answer { return wire.JSON([]byte(`{"isAuthenticated":true}`)) }
	case "entityinformation":
		answer = t.allInfo
	default:
		return c.NotFound()
	}
	if !c.Is(http.MethodGet) {
		return c.NotAllowed()
	}
	return answer()
}

// module is a part of Autotask that a tenant may have.
type module struct {
	Name     string `json:"name"`
	IsActive bool   `json:"isActive"`
}

func modules() wire.Answer {
	var all []module
	for _, name := range []string{"CRM", "Service Desk", "Projects", "Contracts", "Inventory", "Timesheets"} {
		all = append(all, module{Name: name, IsActive: true})
	}
	return wire.Marshal(map[string][]module{"modules": all})
}

// allInfo is entityInformation of every entity that has a path at the root.
func (t *Tenant) allInfo() wire.Answer {
	var all []info
	for _, e := range registry.Entities() {
		if k, ok := t.kinds[e.Name]; ok && e.Verbs != 0 {
			all = append(all, t.info(actor{resource: seed.APIResource}, k))
		}
	}
	return wire.Marshal(map[string][]info{"info": all})
}
