// Package query builds the filters of the Autotask REST API as values.
//
//	q := query.New().
//		Where(query.Eq("companyID", 29), query.Or(query.Eq("status", 1), query.Gt("priority", 2))).
//		Fields("title", "status").
//		Limit(100)
//
// is sent as
//
//	{"MaxRecords":100,"IncludeFields":["id","title","status"],"filter":[
//	  {"op":"eq","field":"companyID","value":29},
//	  {"op":"or","items":[{"op":"eq","field":"status","value":1},{"op":"gt","field":"priority","value":2}]}]}
//
// Everything at the top is AND. Results come in the order of their ids; Autotask knows no other order. What Autotask would
// refuse is refused here, before a request is spent: see [Query.Validate].
//
// Source of the grammar: Autotask developer help, "Basic Query Calls" and "Advanced Query Features".
package query
