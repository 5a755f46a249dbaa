package attachment

import (
	"encoding/base64"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// catalogue is the entity that lists all attachments.
const catalogue = "AttachmentInfo"

// Insert completes a new attachment that [Desk.Check] has found right (fileSize, contentType, parentType, attachDate),
// adds it to its table and to AttachmentInfo under one id, and returns that. vals is not changed.
func (d *Desk) Insert(tx *record.Tx, t *record.Table, vals []any, at time.Time) int64 {
	row := complete(t, vals, at)
	id := tx.Last(t) + 1
	info, ok := tx.Table(catalogue)
	if ok {
		id = max(id, tx.Last(info)+1)
		tx.Place(info, id, shared(info, t, row))
	}
	tx.Place(t, id, row)
	return id
}

// Remove deletes an attachment from both; false where there is none.
func (d *Desk) Remove(tx *record.Tx, t *record.Table, id int64) bool {
	if !tx.Remove(t, id) {
		return false
	}
	if info, ok := tx.Table(catalogue); ok {
		tx.Remove(info, id)
	}
	return true
}

// complete returns vals with what Autotask finds out itself.
func complete(t *record.Table, vals []any, at time.Time) []any {
	row := make([]any, max(len(t.Columns()), len(vals)))
	copy(row, vals)
	set := func(name string, v any) {
		if ord, ok := t.Ordinal(name); ok {
			row[ord] = v
		}
	}
	set("attachDate", record.StampOf(at))
	if n := slices.Index(parents(), t.Entity().Owner()); n >= 0 {
		set("parentType", int64(n+1))
	}
	if data := text(t, vals, "data"); data != "" {
		size, kind := look(data, text(t, vals, "fullPath"))
		set("fileSize", float64(size))
		set("contentType", kind)
	}
	return row
}

// shared returns the values that an attachment has in common with its entry in the catalogue.
func shared(info, t *record.Table, row []any) []any {
	columns := info.Columns()
	vals := make([]any, len(columns))
	for ord := range columns {
		if from, ok := t.Ordinal(columns[ord].Name); ok {
			vals[ord] = row[from]
		}
	}
	return vals
}

// parents are the entities whose records have attachments. The place in the list, from 1, is parentType, so that new
// ones belong to its end.
func parents() []string {
	return []string{
		"Companies", "Opportunities", "Projects", "Tickets", "Tasks", "TicketNotes", "TaskNotes", "ProjectNotes",
		"CompanyNotes", "ContractNotes", "ConfigurationItems", "ConfigurationItemNotes", "ExpenseReports",
		"ExpenseItems", "SalesOrders", "Resources", "TimeEntries", "KnowledgeBaseArticles", "Documents",
	}
}

// look returns how many bytes data stands for, and of what type they are: by the extension of the file's name, else by
// how they begin. The tables of the operating system are not asked, so that it is the same everywhere.
func look(data, name string) (size int64, contentType string) {
	head := make([]byte, 512) // more is not looked at
	file := base64.NewDecoder(base64.StdEncoding, strings.NewReader(data))
	n, _ := io.ReadFull(file, head)
	rest, _ := io.Copy(io.Discard, file)
	if contentType = byName(name); contentType == "" {
		contentType = http.DetectContentType(head[:n])
	}
	return int64(n) + rest, contentType
}

func byName(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt", ".log":
		return "text/plain"
	case ".csv":
		return "text/csv"
	case ".htm", ".html":
		return "text/html"
	case ".json":
		return "application/json"
	case ".xml":
		return "text/xml"
	case ".pdf":
		return "application/pdf"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".zip":
		return "application/zip"
	case ".eml":
		return "message/rfc822"
	case ".msg":
		return "application/vnd.ms-outlook"
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	default:
		return ""
	}
}
