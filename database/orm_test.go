package database_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

type Author struct {
	ID   int64
	Name string
}

type Book struct {
	ID        int64
	AuthorID  int64
	Author    *Author
	Title     string
	Pages     int64
	Rating    float64
	InPrint   bool
	Cover     []byte
	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt gorm.DeletedAt
}

// library opens each dialect with the tables of testdata.
func library(t *testing.T, dialect string) *database.Service {
	t.Helper()
	m := database.Migrations{Owner: "library", FS: testdata(t)}
	return start(t, database.Config{URL: config.Secret(url(t, dialect)), Migrate: "up"}, nil, m)
}

// What gorm does every day, the same on all three.
func TestEveryday(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := library(t, dialect)
			db := s.DB(t.Context())
			author := Author{Name: "Ursula"}
			require.NoError(t, db.Create(&author).Error)
			require.NotZero(t, author.ID)

			began := time.Now()
			book := Book{AuthorID: author.ID, Title: "The Dispossessed", Pages: 387, Rating: 4.5, InPrint: true, Cover: []byte{0, 1, 255}}
			require.NoError(t, db.Create(&book).Error)
			var got Book
			require.NoError(t, db.Preload("Author").First(&got, book.ID).Error)
			require.Equal(t, "Ursula", got.Author.Name)
			require.Equal(t, book.Cover, got.Cover)
			require.InDelta(t, 4.5, got.Rating, 0)
			require.True(t, got.InPrint)
			require.Equal(t, time.UTC, got.CreatedAt.Location())
			require.True(t, book.CreatedAt.Equal(got.CreatedAt), "stored %v, read %v", book.CreatedAt, got.CreatedAt)
			require.WithinDuration(t, began, got.CreatedAt, 10*time.Second)

			var found []Book
			abroad := time.FixedZone("abroad", 5*3600)
			require.NoError(t, db.Where("created_at <= ?", time.Now().Add(time.Second).In(abroad)).Find(&found).Error)
			require.Len(t, found, 1, "times compare whatever their zone")
			require.NoError(t, db.Where("created_at > ?", time.Now().Add(time.Second).In(abroad)).Find(&found).Error)
			require.Empty(t, found)

			more := []Book{{AuthorID: author.ID, Title: "a", Pages: 1}, {AuthorID: author.ID, Title: "b", Pages: 2}}
			require.NoError(t, db.Create(&more).Error)
			require.Equal(t, []int64{book.ID + 1, book.ID + 2}, []int64{more[0].ID, more[1].ID})
			if dialect != "mysql" { // gorm writes no LIMIT there, and MySQL wants one
				require.NoError(t, db.Order("id").Offset(1).Find(&found).Error)
				require.Len(t, found, 2)
			}
			require.NoError(t, db.Order("id").Offset(1).Limit(1).Find(&found).Error)
			require.Len(t, found, 1)

			require.NoError(t, db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&Author{ID: author.ID, Name: "Ursula K."}).Error)
			require.NoError(t, db.Clauses(clause.Locking{Strength: "UPDATE"}).First(&author, author.ID).Error)
			require.Equal(t, "Ursula K.", author.Name)

			require.NoError(t, db.Delete(&more[0]).Error)
			require.ErrorIs(t, db.First(&Book{}, more[0].ID).Error, gorm.ErrRecordNotFound)
			require.NoError(t, db.Unscoped().First(&Book{}, more[0].ID).Error)
		})
	}
}

func TestConstraintErrors(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := library(t, dialect)
			author := Author{Name: "Ursula"}
			require.NoError(t, s.DB(t.Context()).Create(&author).Error)
			tests := map[string]struct {
				row  any
				want error
			}{
				"unique":      {&Author{Name: "Ursula"}, gorm.ErrDuplicatedKey},
				"primary key": {&Author{ID: author.ID, Name: "x"}, gorm.ErrDuplicatedKey},
				"foreign key": {&Book{AuthorID: author.ID + 1, Pages: 1}, gorm.ErrForeignKeyViolated},
				"check":       {&Book{AuthorID: author.ID, Pages: -1}, gorm.ErrCheckConstraintViolated},
			}
			for name, tt := range tests {
				err := s.DB(t.Context()).Create(tt.row).Error
				require.ErrorIs(t, err, tt.want, name)
				require.NotEqual(t, tt.want, err, "%s: the driver's error is kept", name)
			}
		})
	}
}

func TestSavepoint(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := library(t, dialect)
			require.NoError(t, s.Transaction(t.Context(), "outer", func(tx *gorm.DB) error {
				require.NoError(t, tx.Create(&Author{Name: "kept"}).Error)
				require.ErrorIs(t, tx.Transaction(func(tx *gorm.DB) error {
					require.NoError(t, tx.Create(&Author{Name: "undone"}).Error)
					return errOwn
				}), errOwn)
				return nil
			}))
			var names []string
			require.NoError(t, s.DB(t.Context()).Model(&Author{}).Pluck("name", &names).Error)
			require.Equal(t, []string{"kept"}, names)
		})
	}
}

type gadget struct {
	ID    int64
	Name  string `gorm:"uniqueIndex;not null;default:'x'"`
	Size  int    `gorm:"index;check:size_positive,size > 0"`
	Extra string
}

func TestMigrator(t *testing.T) {
	t.Parallel()
	db := start(t, database.Config{URL: config.Secret(url(t, "sqlite"))}, nil).DB(t.Context())
	m := db.Migrator()
	require.False(t, m.HasTable(&gadget{}))
	require.NoError(t, db.Exec("CREATE TABLE gadgets (id integer PRIMARY KEY AUTOINCREMENT, size integer, CONSTRAINT size_positive CHECK (size > 0))").Error)
	for range 2 {
		require.NoError(t, db.AutoMigrate(&gadget{}), "adds what is missing, and nothing twice")
	}
	require.True(t, m.HasTable("gadgets"))
	require.True(t, m.HasColumn(&gadget{}, "Extra"))
	require.False(t, m.HasColumn(&gadget{}, "weight"))
	require.True(t, m.HasIndex(&gadget{}, "idx_gadgets_name"))
	require.True(t, m.HasConstraint(&gadget{}, "size_positive"))
	require.False(t, m.HasConstraint(&gadget{}, "none"))
	require.NoError(t, db.Create(&gadget{Size: 1}).Error)
	require.ErrorIs(t, db.Create(&gadget{Size: 2}).Error, gorm.ErrDuplicatedKey, "the default twice")

	indexes, err := m.GetIndexes(&gadget{})
	require.NoError(t, err)
	require.Len(t, indexes, 2)
	require.Equal(t, []string{"name"}, indexes[0].Columns())
	columns, err := m.ColumnTypes(&gadget{})
	require.NoError(t, err)
	require.Len(t, columns, 4)
	tables, err := m.GetTables()
	require.NoError(t, err)
	require.Equal(t, []string{"gadgets"}, tables)
	require.Equal(t, "main", m.CurrentDatabase())

	require.NoError(t, m.DropIndex(&gadget{}, "Name"))
	require.NoError(t, m.RenameColumn(&gadget{}, "extra", "more"))
	require.NoError(t, m.DropColumn(&gadget{}, "more"))
	for name, err := range map[string]error{
		"alter":             m.AlterColumn(&gadget{}, "Size"),
		"create constraint": m.CreateConstraint(&gadget{}, "size_positive"),
		"drop constraint":   m.DropConstraint(&gadget{}, "size_positive"),
		"rename index":      m.RenameIndex(&gadget{}, "idx_gadgets_size", "x"),
	} {
		require.ErrorIs(t, err, gorm.ErrNotImplemented, name)
		require.ErrorContains(t, err, "write a SQL migration", name)
	}
	require.NoError(t, m.DropTable(&gadget{}))
	require.NoError(t, m.CreateTable(&gadget{}, &Author{}, &Book{}))
	require.NoError(t, db.AutoMigrate(&Author{}, &Book{}))
	require.ErrorIs(t, db.Create(&Book{AuthorID: 9}).Error, gorm.ErrForeignKeyViolated)
}
