package tickets_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/cmd/ticketdesk/desktest"
)

func TestBadInput(t *testing.T) {
	t.Parallel()
	d := start(t)
	const tickets, one, notes = "/api/v1/tickets", "/api/v1/tickets/7001", "/api/v1/tickets/7001/notes"
	const get, post, patch = http.MethodGet, http.MethodPost, http.MethodPatch
	const json = "application/json"
	foreign := d.list(tickets + "?status=5&limit=1").NextCursor
	for range 2 {
		note := object{"title": "Called", "description": "Nobody there", "noteType": 3, "publish": 1}
		d.write(post, tickets+"/7002/notes", note).Status(http.StatusCreated)
	}
	_, other := d.notes(tickets + "/7002/notes?limit=1")
	require.NotEmpty(t, other)
	reached := d.sim.Stats().Requests
	t.Cleanup(func() { require.Equal(t, reached, d.sim.Stats().Requests, "none of it reaches Autotask") })
	tests := map[string]struct {
		method, path, kind, body string
		status                   int
		want                     string // the sentence
	}{
		"text for an object":         {post, tickets, json, `"Scanner offline"`, 400, "the body must be a JSON object"},
		"a list for an object":       {post, tickets, json, `[]`, 400, "the body must be a JSON object"},
		"null for an object":         {post, tickets, json, `null`, 400, "the body is null; send a JSON object"},
		"an object for a text":       {post, tickets, json, `{"title":{}}`, 400, "title must be a string or null"},
		"a text for a number":        {post, tickets, json, `{"status":"new"}`, 400, "status must be an integer or null"},
		"a fraction":                 {patch, one, json, `{"status":1.5}`, 400, "status must be an integer or null"},
		"no time":                    {patch, one, json, `{"dueDateTime":"tomorrow"}`, 400, "dueDateTime must be a time such as 2026-01-31T15:04:05Z, or null"},
		"a list for a number":        {post, notes, json, `{"publish":[1]}`, 400, "publish must be an integer or null"},
		"no JSON":                    {post, tickets, json, `{"title":}`, 400, "the body is not one JSON value: invalid character '}' looking for beginning of value, at line 1, column 10"},
		"JSON that ends early":       {post, tickets, json, `{"title":"x"`, 400, "the body is not one JSON value: unexpected end of JSON input, at line 1, column 12"},
		"two values":                 {post, tickets, json, `{}{}`, 400, "the body is not one JSON value: invalid character '{' after top-level value, at line 1, column 3"},
		"huge body":                  {post, tickets, json, `{"title":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "the body is larger than 1 MiB"},
		"a form":                     {post, tickets, "application/x-www-form-urlencoded", "title=x", 415, `the body is "application/x-www-form-urlencoded"; send application/json`},
		"no content type":            {post, tickets, "", "{}", 415, "the body has no Content-Type; send application/json"},
		"id that is no number":       {get, tickets + "/T20240101.0001", "", "", 400, "path.id must be an integer"},
		"id with a fraction":         {get, tickets + "/7001.0", "", "", 400, "path.id must be an integer"},
		"id that is too large":       {get, tickets + "/9223372036854775808", "", "", 400, "path.id must be an integer"},
		"negative id":                {get, tickets + "/-1", "", "", 422, "path.id must be at least 0"},
		"id of a patch":              {patch, tickets + "/first", json, "{}", 400, "path.id must be an integer"},
		"id of notes":                {get, tickets + "/first/notes", "", "", 400, "path.id must be an integer"},
		"id of a note's ticket":      {post, tickets + "/first/notes", json, "{}", 400, "path.id must be an integer"},
		"limit 0":                    {get, tickets + "?limit=0", "", "", 422, "query.limit must be at least 1"},
		"limit 501":                  {get, tickets + "?limit=501", "", "", 422, "query.limit must be at most 500"},
		"limit 501 of notes":         {get, notes + "?limit=501", "", "", 422, "query.limit must be at most 500"},
		"limit that is no number":    {get, tickets + "?limit=all", "", "", 400, "query.limit must be an integer"},
		"limit that is empty":        {get, tickets + "?limit=", "", "", 400, "query.limit must be an integer"},
		"limit twice":                {get, tickets + "?limit=1&limit=2", "", "", 400, "query.limit is given more than once"},
		"status that is no number":   {get, tickets + "?status=new", "", "", 400, "query.status must be an integer"},
		"company that is no number":  {get, tickets + "?companyId=acme", "", "", 400, "query.companyId must be an integer"},
		"words that are too long":    {get, tickets + "?q=" + strings.Repeat("x", 101), "", "", 422, "query.q must have at most 100 characters"},
		"cursor of another filter":   {get, tickets + "?cursor=" + foreign, "", "", 400, "the cursor is not one of this list"},
		"cursor of another list":     {get, notes + "?cursor=" + foreign, "", "", 400, "the cursor is not one of this list"},
		"cursor of another service":  {get, tickets + "?cursor=eyJpZCI6NzAwMX0", "", "", 400, "the cursor is not one of this list"},
		"cursor of another ticket":   {get, notes + "?cursor=" + other, "", "", 400, "the cursor is not one of this list"},
		"unknown route":              {get, "/api/v1/ticket", "", "", 404, "there is nothing at /api/v1/ticket"},
		"slash at the end":           {get, tickets + "/", "", "", 404, "there is nothing at /api/v1/tickets/; paths have no slash at the end"},
		"more behind the id":         {get, tickets + "/7001/nothing", "", "", 404, "there is nothing at /api/v1/tickets/7001/nothing"},
		"unknown version":            {get, "/api/v2/tickets", "", "", 404, "there is nothing at /api/v2/tickets"},
		"wrong method":               {http.MethodDelete, one, "", "", 405, "DELETE is not possible here; use"},
		"wrong method for the list":  {http.MethodPut, tickets, json, "{}", 405, "PUT is not possible here; use"},
		"method that does not exist": {"BREW", tickets, "", "", 405, "BREW is not possible here; use"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := d.Request(test.method, test.path).Header("X-API-Key", desktest.Key)
			if test.kind != "" || test.body != "" {
				req.Body(test.kind, test.body)
			}
			problem := req.Do().Status(test.status).Problem()
			require.Contains(t, problem.Detail, test.want)
			require.Equal(t, test.status, problem.Status)
			require.NotEmpty(t, problem.Type)
			require.NotEmpty(t, problem.RequestID)
		})
	}
}

func TestWritesNeedAKey(t *testing.T) {
	t.Parallel()
	d := start(t)
	routes := map[string]struct{ method, path string }{
		"create":   {http.MethodPost, "/api/v1/tickets"},
		"update":   {http.MethodPatch, "/api/v1/tickets/7001"},
		"add note": {http.MethodPost, "/api/v1/tickets/7001/notes"},
	}
	for name, route := range routes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, header := range []string{"X-API-Key", "Authorization"} {
				problem := d.Request(route.method, route.path).Header(header, "Bearer wrong").
					Body("application/json", "not even JSON").Do().Status(http.StatusUnauthorized).Problem()
				require.Equal(t, "the API key is none of this service's keys", problem.Detail)
			}
			problem := d.Request(route.method, route.path).JSON(newTicket()).Do().Status(http.StatusUnauthorized).Problem()
			require.Equal(t, "this needs an API key: send it as X-API-Key, or as Authorization: Bearer", problem.Detail)
		})
	}
	t.Cleanup(func() { require.Zero(t, d.sim.Stats().Requests) })
}
