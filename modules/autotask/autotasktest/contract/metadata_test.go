package contract_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/stretchr/testify/require"
)

// Metadata and attachments: S42 to S44.
func metadataCases() []behaviour {
	return []behaviour{
		{42, "entity_information", "SW", 0, entityInformation},
		{43, "version_modules_authenticate", "SW", 0, plainAnswers},
		{44, "attachments", "SW LIVE", writes | misuse, attachments},
	}
}

// field is a field of the metadata.
type field struct {
	Name               string `json:"name"`
	DataType           string `json:"dataType"`
	Length             int    `json:"length"`
	IsRequired         bool   `json:"isRequired"`
	IsReadOnly         bool   `json:"isReadOnly"`
	IsQueryable        bool   `json:"isQueryable"`
	IsReference        bool   `json:"isReference"`
	ReferenceEntity    string `json:"referenceEntityType"`
	IsPickList         bool   `json:"isPickList"`
	PicklistParent     string `json:"picklistParentValueField"`
	IsSupportedWebhook bool   `json:"isSupportedWebhookField"`
	PicklistValues     []struct {
		Value     string `json:"value"` // text also where records hold a number
		Label     string `json:"label"`
		IsDefault bool   `json:"isDefaultValue"`
		SortOrder int    `json:"sortOrder"`
		Parent    string `json:"parentValue"`
		IsActive  bool   `json:"isActive"`
		IsSystem  bool   `json:"isSystem"`
	} `json:"picklistValues"`
}

// fieldOf is the metadata of one field.
func fieldOf(at *tenant, entity, name string) (found field) {
	at.t.Helper()
	var got struct {
		Fields []field `json:"fields"`
	}
	at.get(entity + "/entityInformation/fields").is(http.StatusOK).into(&got)
	for _, f := range got.Fields {
		if f.Name == name {
			return f
		}
	}
	require.Failf(at.t, "no such field", "%s in %s", name, entity)
	return field{}
}

func entityInformation(at *tenant) {
	var got struct {
		Info object `json:"info"`
	}
	at.get("Tickets/entityInformation").is(http.StatusOK).into(&got)
	for _, name := range []string{"canCreate", "canDelete", "canQuery", "canUpdate", "hasUserDefinedFields", "supportsWebhookCallouts"} {
		flagOf(at.t, got.Info[name])
	}
	for _, right := range []string{"Create", "Delete", "Query", "Update"} {
		require.Contains(at.t, []int64{0, 1, 2}, whole(at.t, got.Info["userAccessFor"+right]))
	}
	require.NotEmpty(at.t, text(at.t, got.Info["name"]))
	require.Equal(at.t, []any{true, false, true, true}, []any{got.Info["canCreate"], got.Info["canDelete"], got.Info["canQuery"], got.Info["canUpdate"]})
	require.Equal(at.t, []any{true, true}, []any{got.Info["hasUserDefinedFields"], got.Info["supportsWebhookCallouts"]})
	fieldMetadata(at)

	var all object
	at.get("EntityInformation").is(http.StatusOK).into(&all)
	require.GreaterOrEqual(at.t, longest(all), 200, "all entities at once")
	require.Contains(at.t, at.asJSON(all), "Ticket")
}

func fieldMetadata(at *tenant) {
	at.t.Helper()
	title, company, status := fieldOf(at, "Tickets", "title"), fieldOf(at, "Tickets", "companyID"), fieldOf(at, "Tickets", "status")
	require.Equal(at.t, "string", title.DataType)
	require.Equal(at.t, 255, title.Length)
	require.True(at.t, title.IsRequired && title.IsQueryable && !title.IsReadOnly && !title.IsPickList)
	require.True(at.t, company.IsReference)
	require.Equal(at.t, "Company", company.ReferenceEntity)
	require.Equal(at.t, "integer", company.DataType)
	require.True(at.t, fieldOf(at, "Tickets", "createDate").IsReadOnly)
	require.Equal(at.t, "datetime", fieldOf(at, "Tickets", "createDate").DataType)
	require.False(at.t, fieldOf(at, "Tickets", "creatorType").IsQueryable)
	require.True(at.t, status.IsPickList)
	require.NotEmpty(at.t, status.PicklistValues)
	for _, v := range status.PicklistValues {
		require.Regexp(at.t, `^-?\d+$`, v.Value)
		require.NotEmpty(at.t, v.Label)
	}
	sub := fieldOf(at, "Tickets", "subIssueType")
	require.True(at.t, sub.IsPickList)
	require.Equal(at.t, "issueType", sub.PicklistParent)
	if at.simulated {
		require.NotEmpty(at.t, sub.PicklistValues)
	}
	for _, v := range sub.PicklistValues {
		require.Contains(at.t, pickValues(at, "Tickets", "issueType"), v.Parent)
	}
	at.get("Tickets/entityInformation/userDefinedFields").is(http.StatusOK)
}

// longest is the length of the longest list in an object.
func longest(o object) (n int) {
	for _, v := range o {
		switch v := v.(type) {
		case []any:
			n = max(n, len(v))
		case object:
			n = max(n, len(v))
		}
	}
	return n
}

func plainAnswers(at *tenant) {
	version := at.get("Version").is(http.StatusOK).object()
	for _, name := range []string{"majorVersion", "minorVersion", "build", "customerType"} {
		require.Contains(at.t, version, name)
	}
	for _, path := range []string{"Modules", "Authenticate"} {
		require.True(at.t, json.Valid(at.get(path).is(http.StatusOK).body), path)
	}
}

func attachments(at *tenant) {
	ticket := at.create(nil)
	path := fmt.Sprintf("Tickets/%d/Attachments", ticket)
	id := at.upload(ticket, 1000).itemID()
	single := fmt.Sprintf("%s/%d", path, id)

	list := at.get(path).page()
	require.Len(at.t, list.Items, 1)
	require.Nil(at.t, list.Items[0]["data"], "a list has no data")
	require.Equal(at.t, "Report", list.Items[0]["title"])
	require.Equal(at.t, "1000", fmt.Sprint(list.Items[0]["fileSize"]))
	require.Equal(at.t, ticket, whole(at.t, list.Items[0]["parentID"]))
	require.Nil(at.t, at.first("TicketAttachments", where("eq", "id", id))["data"])

	one := at.get(single).page().Items // wrapped as a list, and with the data
	require.Len(at.t, one, 1)
	data, err := base64.StdEncoding.DecodeString(text(at.t, one[0]["data"]))
	require.NoError(at.t, err)
	require.Len(at.t, data, 1000)

	info := at.first("AttachmentInfo", where("eq", "id", id))
	require.Equal(at.t, "Report", info["title"])
	require.NotContains(at.t, info, "data")
	at.post("AttachmentInfo", object{"title": "x"}).message(http.StatusNotFound, http.StatusMethodNotAllowed)
	at.patch("AttachmentInfo", object{"id": id, "title": "x"}).message(http.StatusNotFound, http.StatusMethodNotAllowed)
	at.delete(fmt.Sprintf("AttachmentInfo/%d", id)).message(http.StatusNotFound, http.StatusMethodNotAllowed)
	at.patch(path, object{"id": id, "title": "x"}).message(http.StatusNotFound, http.StatusMethodNotAllowed)
	at.delete(fmt.Sprintf("TicketAttachments/%d", id)).message(http.StatusNotFound, http.StatusMethodNotAllowed)

	require.Equal(at.t, id, at.delete(single).itemID())
	require.Empty(at.t, at.get(path).page().Items)
	require.Zero(at.t, at.count("AttachmentInfo", where("eq", "id", id)))
}
