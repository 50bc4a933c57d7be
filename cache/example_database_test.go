package cache_test

import (
	"context"
	"database/sql"
	"encoding/csv"
	"io"
	"io/fs"
	"net/http"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// OrdersView exports the orders of a database. Its version is in a table that is
// cheap to ask.
type OrdersView struct {
	views.VirtualDownloadView
	Cache *cache.Cache
	DB    *sql.DB
}

func (v OrdersView) GetFile(r *http.Request) (fs.File, error) {
	return v.Cache.File(r.Context(), "orders", v.open)
}

// open asks for the version. The query of the orders waits until they are read,
// and goes on when the request of the first reader has ended: by ctx.
func (v OrdersView) open(ctx context.Context) (fs.File, error) {
	var version string
	if err := v.DB.QueryRowContext(ctx, "SELECT version FROM versions WHERE name = 'orders'").Scan(&version); err != nil {
		return nil, err
	}
	file := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
		rows, err := v.DB.QueryContext(ctx, "SELECT id, total FROM orders ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		out := csv.NewWriter(w)
		for rows.Next() {
			record := make([]string, 2)
			if err := rows.Scan(&record[0], &record[1]); err != nil {
				return err
			}
			if err := out.Write(record); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		out.Flush()
		return out.Error()
	}), "orders.csv")
	file.ETag = `"` + version + `"`
	return file, nil
}

// An export whose copy is good until the data change: the entity tag is part of
// the identity.
func Example_database() {
	var db *sql.DB // from sql.Open
	var exports *cache.Cache
	http.Handle("GET /orders", views.AsView(OrdersView{Cache: exports, DB: db}))
}
