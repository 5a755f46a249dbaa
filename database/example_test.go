package database_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing/fstest"

	"gorm.io/gorm"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/database"
)

func ExampleNew() {
	ctx := context.Background()
	s, err := database.New(
		database.Config{URL: ":memory:", Env: config.Dev}, nil, slog.New(slog.DiscardHandler),
		database.Migrations{Owner: "orders", FS: fstest.MapFS{ // an embed.FS in real life
			"sqlite/00001_orders.sql": {Data: []byte("-- +goose Up\nCREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT UNIQUE);")},
		}},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	type Order struct {
		ID   int64
		Item string
	}
	save := func(tx *gorm.DB) error { return tx.Create(&Order{Item: "lamp"}).Error }
	fmt.Println("first:", s.Transaction(ctx, "orders.save", save))
	fmt.Println("second is a duplicate:", errors.Is(s.Transaction(ctx, "orders.save", save), gorm.ErrDuplicatedKey))
	fmt.Println("stop:", s.Stop(ctx))
	fmt.Println(s.Ping(ctx))
	// Output:
	// first: <nil>
	// second is a duplicate: true
	// stop: <nil>
	// database is not open: it opens in Start and closes in Stop
}
