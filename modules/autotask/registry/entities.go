package registry

import (
	"slices"
	"strings"
)

// entities is the table, sorted by name. It is kept in parts, by the area of Autotask that they belong to.
func entities() []Entity {
	all := slices.Concat(
		assetEntities(), companyEntities(), contractEntities(), knowledgeEntities(), moneyEntities(), peopleEntities(),
		projectEntities(), ticketEntities(), webhookEntities(),
	)
	slices.SortFunc(all, func(a, b Entity) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// The sets of verbs that occur at the root.
const (
	readOnly  = Query | Info | Get
	updatable = readOnly | Patch | Put
	writable  = updatable | Create
	deletable = writable | Delete
)

// The sets of verbs that occur below a parent, where nothing is queried.
const (
	attachments    = Get | Create | Delete
	childAction    = Info | Create
	childReadOnly  = Info | Get
	childLink      = childReadOnly | Create | Delete
	childUpdatable = childReadOnly | Patch | Put
	childWritable  = childUpdatable | Create
	childDeletable = childWritable | Delete
)
