// Package notes keeps notes in the database.
package notes

import (
	"context"
	"embed"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/database"
)

//go:embed migrations
var files embed.FS

// Module exports *Notes, and brings the migrations of its table along.
var Module = app.Module("notes",
	app.Imports(database.Module),
	app.Exports(New),
	database.Migrate("notes", files),
)

// Note is one row.
type Note struct {
	ID      int64
	Text    string
	Created time.Time
}

// Notes keeps notes.
type Notes struct{ db *database.Service }

// New returns a store of notes.
func New(db *database.Service) *Notes { return &Notes{db} }

// Get returns a note, or a 404.
func (n *Notes) Get(ctx context.Context, id int64) (*Note, error) {
	var note Note
	err := n.db.Do(ctx, "notes.get", func(tx *gorm.DB) error { return tx.Take(&note, id).Error })
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, app.NotFound("there is no note %d", id)
	}
	return &note, err
}

// Replace puts a note in the place of another: both, or neither.
func (n *Notes) Replace(ctx context.Context, old int64, text string) (*Note, error) {
	note := &Note{Text: text, Created: time.Now()}
	err := n.db.Transaction(ctx, "notes.replace", func(tx *gorm.DB) error {
		if err := tx.Delete(&Note{}, old).Error; err != nil {
			return err
		}
		return tx.Create(note).Error
	})
	return note, err
}
