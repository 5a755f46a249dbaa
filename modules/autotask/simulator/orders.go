package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
)

// The bounds of snapshots that are kept by name.
const (
	maxSnapshots = 10
	maxName      = 100 // bytes
)

func (s *Simulator) orderReset(struct{}) error {
	s.Reset()
	return nil
}

type nameOrder struct {
	Name string `json:"name"`
}

func (s *Simulator) orderSnapshot(o nameOrder) (err error) {
	if o.Name == "" || len(o.Name) > maxName {
		return fmt.Errorf(`"name": %q is not a name of 1 to %d bytes; for example {"name": "clean"}`, o.Name, maxName)
	}
	snap := s.Snapshot()
	s.orders.set(func(now *ordered) {
		if _, replaced := now.snapshots[o.Name]; !replaced && len(now.snapshots) == maxSnapshots {
			err = fmt.Errorf("%d snapshots are kept already: %s; take one of their names, or reset",
				maxSnapshots, strings.Join(slices.Sorted(maps.Keys(now.snapshots)), ", "))
			return
		}
		now.snapshots[o.Name] = snap
	})
	return err
}

func (s *Simulator) orderRestore(o nameOrder) error {
	var snap *Snapshot
	var known []string
	s.orders.set(func(now *ordered) {
		snap, known = now.snapshots[o.Name], slices.Sorted(maps.Keys(now.snapshots))
	})
	switch {
	case snap != nil:
		s.Restore(snap)
		return nil
	case len(known) == 0:
		return fmt.Errorf(`"name": there is no snapshot %q, nor any other; take one by POST %ssnapshot`,
			o.Name, controlPrefix)
	default:
		return fmt.Errorf(`"name": there is no snapshot %q, only %s`, o.Name, strings.Join(known, ", "))
	}
}

type clockOrder struct {
	Advance string `json:"advance"`
}

func (s *Simulator) orderClock(o clockOrder) error {
	d, err := time.ParseDuration(o.Advance)
	if err != nil || d <= 0 {
		return fmt.Errorf(`"advance": %q is not a duration above 0; for example {"advance": "61m"}`, o.Advance)
	}
	s.Advance(d)
	return nil
}

type outageOrder struct {
	Mode Outage `json:"mode"`
}

func (s *Simulator) orderOutage(o outageOrder) error {
	if !o.Mode.Valid() {
		return fmt.Errorf(`"mode": %q is not one of reset, unavailable, hang, off; for example {"mode": "reset"}`,
			o.Mode)
	}
	s.SetOutage(o.Mode)
	return nil
}

type latencyOrder struct {
	Latency string `json:"latency"`
}

func (s *Simulator) orderLatency(o latencyOrder) error {
	d, err := time.ParseDuration(o.Latency)
	if err != nil || d < 0 || d > maxLatency {
		return fmt.Errorf(`"latency": %q is not a duration from 0 to %s; for example {"latency": "250ms"}`,
			o.Latency, maxLatency)
	}
	s.Latency(d)
	return nil
}

type externalOrder struct {
	Requests int `json:"requests"`
}

func (s *Simulator) orderExternal(o externalOrder) error {
	if o.Requests < 1 || o.Requests > maxExternal {
		return fmt.Errorf(`"requests": %d is not from 1 to %d; for example {"requests": 9000}`, o.Requests, maxExternal)
	}
	s.AddExternal(o.Requests)
	return nil
}

type foreignOrder struct {
	PerHour *int `json:"perHour"`
}

func (s *Simulator) orderForeign(o foreignOrder) error {
	if o.PerHour == nil || *o.PerHour < 0 || *o.PerHour > maxExternal {
		return fmt.Errorf(`"perHour" is not from 0 to %d; for example {"perHour": 4000}`, maxExternal)
	}
	s.SetForeignRate(*o.PerHour)
	return nil
}

func (s *Simulator) orderFaults(body []byte) error {
	p, err := fault.Parse(body)
	if err != nil {
		const example = `{"rules": [{"kind": "reset_after", "method": "POST", "times": 1}]}`
		return fmt.Errorf("%w; for example %s", err, example)
	}
	return s.SetFaults(p)
}

type zoneOrder struct {
	Zone int `json:"zone"`
}

func (s *Simulator) orderZone(o zoneOrder) error {
	if s.Move(o.Zone) != nil {
		return fmt.Errorf(`"zone": %d is none of %v, which AUTOTASK_SIMULATOR_ZONES lists`, o.Zone, s.zones.list)
	}
	return nil
}

type rightsOrder struct {
	Resource int64  `json:"resource"`
	Entity   string `json:"entity"`
	Create   string `json:"create"`
	Delete   string `json:"delete"`
	Query    string `json:"query"`
	Update   string `json:"update"`
}

func (s *Simulator) orderRights(o rightsOrder) error {
	var r Rights
	err := errors.Join(
		access("create", o.Create, &r.Create), access("delete", o.Delete, &r.Delete),
		access("query", o.Query, &r.Query), access("update", o.Update, &r.Update),
	)
	if err != nil {
		return err
	}
	if err := s.tenant.SetRights(o.Resource, o.Entity, r); err != nil {
		member := "entity"
		if _, ok := registry.Find(o.Entity); ok {
			member = "resource"
		}
		return fmt.Errorf(`%q: %w; for example {"resource": 0, "entity": "Tickets", "create": "none"}`, member, err)
	}
	return nil
}

func access(name, text string, into *Access) error {
	switch text {
	case "all", "":
		*into = AccessAll
	case "none":
		*into = AccessNone
	case "restricted":
		*into = AccessRestricted
	default:
		return fmt.Errorf(`%q: %q is not one of all, none, restricted`, name, text)
	}
	return nil
}

func (s *Simulator) orderWebhooks(d Disturbance) error {
	if d.Duplicate != share(d.Duplicate) || d.Swap != share(d.Swap) {
		return errors.New(`"duplicate" and "swap" are shares from 0 to 1; for example {"duplicate": 0.1, "swap": 0.1}`)
	}
	s.DisturbWebhooks(d)
	return nil
}

type waitOrder struct {
	Timeout string `json:"timeout"`
}

// orderWait answers when nothing is queued any more, and 504 when that takes too long.
func (s *Simulator) orderWait(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOrder))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	o, err := unmarshal[waitOrder](body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d, err := time.ParseDuration(o.Timeout)
	if err != nil || d <= 0 {
		text := fmt.Sprintf(`"timeout": %q is not a duration above 0; for example {"timeout": "5s"}`, o.Timeout)
		http.Error(w, text, http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), d)
	defer cancel()
	if err := s.WaitWebhooks(ctx); err != nil {
		http.Error(w, err.Error(), http.StatusGatewayTimeout)
		return
	}
	reply(w, s.state())
}
