package contract_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// Query: S21 to S32.
func queryCases() []behaviour {
	return []behaviour{
		{21, "operators", "OD", misuse, operators},
		{22, "missing_filter", "OD", misuse, missingFilter},
		{23, "fields_that_cannot_be_queried", "LIVE", misuse, unknownFields},
		{24, "too_many_or", "OD LIVE", misuse, tooManyOr},
		{25, "one_user_defined_condition", "OD", misuse, twoUDFs},
		{26, "max_records_and_include_fields", "OD SW", misuse, shapeOfPages},
		{27, "order_by_id", "OD", writes, orderByID},
		{28, "pages", "SW LIVE", 0, followPages},
		{29, "wrong_ways_to_the_next_page", "LIVE", misuse, wrongWays},
		{30, "long_address", "PEER", misuse, longAddress},
		{31, "count", "SW", 0, counts},
		{32, "rows_between_pages", "OD", writes, rowsBetweenPages},
	}
}

// operators asks each question of a sample whose answer can be told from the rows themselves.
func operators(at *tenant) {
	rows, bound := at.sample()
	mid := rows[len(rows)/2]
	for name, q := range questions(at, mid) {
		var want []string
		for _, row := range rows {
			if q.meets(row) {
				want = append(want, fmt.Sprint(row["id"]))
			}
		}
		model := object{"filter": []object{bound, q.filter}}
		require.Equal(at.t, want, idTexts(at.post("Tickets/query", model).page()), "%s by POST", name)
		require.Equal(at.t, want, idTexts(at.get(search("Tickets", "", at.asJSON(model))).page()), "%s by GET", name)
	}
	loose := object{"FILTER": []object{bound, where("eq", "STATUS", mid["status"])}, "maxrecords": 3}
	require.NotEmpty(at.t, at.post("Tickets/query", loose).page().Items, "names in any case of letters")
	require.NotEmpty(at.t, at.find("Companies", where("eq", "isActive", true)))
	at.post("Companies/query", object{"filter": []object{where("eq", "isActive", nil)}}).refused()
	at.post("Tickets/query", object{"filter": []object{where("like", "title", "x")}}).refused()
	at.post("Tickets/query", object{"filter": []object{where("eq", "status", "abc")}}).refused()
	at.post("Tickets/query", object{"filter": []object{where("gt", "createDate", "yesterday")}}).refused()
	at.post("Tickets/query", `{"filter":[`).refused()
}

func idTexts(p page) (ids []string) {
	for _, item := range p.Items {
		ids = append(ids, fmt.Sprint(item["id"]))
	}
	return ids
}

// question is a filter and what it means.
type question struct {
	filter object
	meets  func(row object) bool
}

func questions(at *tenant, mid object) map[string]question {
	at.t.Helper()
	title := text(at.t, mid["title"])
	start, end := title[:min(4, len(title))], title[max(0, len(title)-4):]
	inner := title[len(title)/3 : 2*len(title)/3+1]
	status, priority, due := mid["status"], mid["priority"], mid["createDate"]
	is := func(row object, field string, v any) bool { return row[field] == v }
	folded := func(row object, test func(s, part string) bool, part string) bool {
		s, _ := row["title"].(string)
		return test(strings.ToLower(s), strings.ToLower(part))
	}
	number := func(row object) int64 { return whole(at.t, row["priority"]) }
	mine := whole(at.t, priority)
	date := func(row object) string { s, _ := row["createDate"].(string); return s }
	set := func(row object, field string) bool { return row[field] != nil }
	open := []any{1, status}
	return map[string]question{
		"eq":         {where("eq", "status", status), func(r object) bool { return is(r, "status", status) }},
		"noteq":      {where("noteq", "status", status), func(r object) bool { return set(r, "status") && !is(r, "status", status) }},
		"gt":         {where("gt", "priority", priority), func(r object) bool { return number(r) > mine }},
		"gte":        {where("gte", "priority", priority), func(r object) bool { return number(r) >= mine }},
		"lt":         {where("lt", "priority", priority), func(r object) bool { return number(r) < mine }},
		"lte":        {where("lte", "priority", priority), func(r object) bool { return number(r) <= mine }},
		"gt a date":  {where("gt", "createDate", due), func(r object) bool { return date(r) > date(mid) }},
		"lte a date": {where("lte", "createDate", due), func(r object) bool { return date(r) <= date(mid) }},
		"beginsWith": {where("beginsWith", "title", start), func(r object) bool { return folded(r, strings.HasPrefix, start) }},
		"endsWith":   {where("endsWith", "title", end), func(r object) bool { return folded(r, strings.HasSuffix, end) }},
		"contains":   {where("contains", "title", inner), func(r object) bool { return folded(r, strings.Contains, inner) }},
		"exist":      {object{"op": "exist", "field": "assignedResourceID"}, func(r object) bool { return set(r, "assignedResourceID") }},
		"notExist":   {object{"op": "notExist", "field": "assignedResourceID"}, func(r object) bool { return !set(r, "assignedResourceID") }},
		"in":         {where("in", "status", open), func(r object) bool { return isOpen(r, status) }},
		"notIn":      {where("notIn", "status", open), func(r object) bool { return set(r, "status") && !isOpen(r, status) }},
		"any case":   {where("eq", "StAtUs", status), func(r object) bool { return is(r, "status", status) }},
		"nested": {
			group("or", group("and", where("eq", "status", status), where("eq", "priority", priority)),
				group("and", where("noteq", "status", status), group("or", where("exist", "assignedResourceID", nil), where("lt", "priority", priority)))),
			func(r object) bool {
				if is(r, "status", status) {
					return is(r, "priority", priority)
				}
				return set(r, "assignedResourceID") || number(r) < mine
			},
		},
	}
}

func isOpen(r object, status any) bool {
	return r["status"] == status || fmt.Sprint(r["status"]) == "1"
}

func group(op string, items ...object) object { return object{"op": op, "items": items} }

func missingFilter(at *tenant) {
	for _, body := range []string{`{}`, `{"filter":[]}`, `{"filter":null}`, `{"MaxRecords":5}`} {
		at.post("Tickets/query", body).is(http.StatusInternalServerError).refused()
		at.post("Tickets/query/count", body).is(http.StatusInternalServerError).refused()
		at.get(search("Tickets", "", body)).is(http.StatusInternalServerError).refused()
	}
	at.get("Tickets/query").is(http.StatusInternalServerError).refused()
}

func unknownFields(at *tenant) {
	unknown := object{"filter": []object{where("eq", "notAField", 1)}}
	at.post("Tickets/query", unknown).refusedWith(textNoTicketName)
	at.get(search("Tickets", "", at.asJSON(unknown))).refusedWith(textNoTicketName)
	at.post("Tickets/query/count", unknown).refusedWith(textNoTicketName)
	at.post("Tickets/query", object{"filter": []object{group("or", everything(), where("eq", "notAField", 1))}}).refusedWith(textNoTicketName)
	for entity, field := range map[string]string{
		"Tickets": "creatorType", "AttachmentInfo": "fileSize", "TicketAttachments": "data",
	} {
		at.post(entity+"/query", object{"filter": []object{{"op": "exist", "field": field}}}).is(http.StatusInternalServerError).refused()
	}
}

func tooManyOr(at *tenant) {
	ids := func(n int) []int {
		list := make([]int, n)
		for i := range list {
			list[i] = i + 1
		}
		return list
	}
	conditions := func(n int) object {
		var items []object
		for i := range n {
			items = append(items, where("eq", "id", i+1))
		}
		return group("or", items...)
	}
	for name, filter := range map[string]object{
		"in":          where("in", "id", ids(501)),
		"or":          conditions(501),
		"both":        group("or", where("in", "id", ids(300)), group("or", where("in", "id", ids(200)), conditions(10))),
		"notIn below": group("and", where("in", "id", ids(400)), where("in", "companyID", ids(200))),
	} {
		a := at.post("Tickets/query", object{"filter": []object{filter}})
		require.Equal(at.t, http.StatusInternalServerError, a.status, name)
		a.refusedWith(textTooManyOr)
	}
	at.find("Tickets", where("in", "id", ids(500)))
	at.find("Tickets", conditions(500))
}

func twoUDFs(at *tenant) {
	entity, fields := udfs(at)
	condition := func(f udf) object {
		return object{"op": "noteq", "field": f.Name, "value": f.value(at), "udf": true}
	}
	one, other := condition(fields[0]), condition(fields[len(fields)-1])
	at.find(entity, one)
	at.post(entity+"/query", object{"filter": []object{one, other}}).is(http.StatusInternalServerError).refused()
	at.post(entity+"/query", object{"filter": []object{group("or", one, group("and", other))}}).is(http.StatusInternalServerError).refused()
}

func shapeOfPages(at *tenant) {
	model := func(n any, more ...string) object {
		m := object{"filter": []object{everything()}, "MaxRecords": n}
		if len(more) > 0 {
			m["IncludeFields"] = more
		}
		return m
	}
	for _, n := range []int{1, 2, 500} {
		p := at.post("Companies/query", model(n)).page()
		require.LessOrEqual(at.t, len(p.Items), n)
		require.Equal(at.t, len(p.Items), p.Details.Count)
		require.Equal(at.t, n, p.Details.RequestCount)
	}
	require.Equal(at.t, 500, at.post("Companies/query", object{"filter": []object{everything()}}).page().Details.RequestCount)
	for _, n := range []any{0, -1, 501, 1000000, "many"} {
		at.post("Companies/query", model(n)).is(http.StatusInternalServerError, http.StatusBadRequest).refused()
	}
	for _, row := range at.post("Tickets/query", model(5, "ID", "title", "companyid")).page().Items {
		for _, name := range names(row) {
			require.Contains(at.t, []string{"id", "title", "companyID", "userDefinedFields"}, name)
		}
		require.NotNil(at.t, row["id"])
		require.NotNil(at.t, row["title"])
		require.NotNil(at.t, row["companyID"])
	}
}

func orderByID(at *tenant) {
	first, second := at.create(nil), at.create(nil)
	at.patch("Tickets", object{"id": first, "title": "Changed last"}).itemID()
	p := at.post("Tickets/query", object{"filter": []object{where("in", "id", []int64{second, first})}}).page()
	require.Equal(at.t, []int64{first, second}, p.ids(at.t))
	for _, entity := range []string{"Tickets", "Contacts"} {
		require.IsIncreasing(at.t, at.post(entity+"/query", object{"filter": []object{everything()}}).page().ids(at.t))
	}
}

func counts(at *tenant) {
	rows, bound := at.sample()
	model := object{"filter": []object{bound}}
	byPost := at.post("Tickets/query/count", model).is(http.StatusOK).object()
	require.Equal(at.t, []string{"queryCount"}, names(byPost))
	require.EqualValues(at.t, len(rows), whole(at.t, byPost["queryCount"]))
	require.Equal(at.t, byPost, at.get(search("Tickets", "/count", at.asJSON(model))).is(http.StatusOK).object())
	require.Zero(at.t, at.count("Tickets", where("lt", "id", -1<<31)))
}
