package main

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// ReportDownloadView serves a report that takes long to make. Whoever asks while
// it is made reads the copy that grows; whoever comes later gets the finished one.
type ReportDownloadView struct {
	views.VirtualDownloadView
	Cache  *cache.Cache
	Orders *sql.DB
	Pause  time.Duration // for each of a hundred days

	downloads, startedBy atomic.Int64
}

func (v *ReportDownloadView) GetFile(r *http.Request) (fs.File, error) {
	var n int64
	if r.Method == http.MethodGet {
		n = v.downloads.Add(1)
	}
	return v.Cache.File(r.Context(), "report", func(ctx context.Context) (fs.File, error) {
		return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			v.startedBy.Store(n)
			return v.write(ctx, w, n)
		}), "report.csv"), nil
	})
}

// write writes a row for each day. Its context is that of the run, which goes on
// when the download that has started it ends.
func (v *ReportDownloadView) write(ctx context.Context, w io.Writer, n int64) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"day", "orders", "total", fmt.Sprintf("download %d has started this run", n)})
	for day := 1; day <= 100 && err == nil; day++ {
		var orders, cents int64
		row := v.Orders.QueryRowContext(ctx, "SELECT count(*), sum(cents) FROM orders WHERE day = ?", day)
		if err := row.Scan(&orders, &cents); err != nil {
			return err
		}
		err = out.Write([]string{strconv.Itoa(day), strconv.FormatInt(orders, 10), fmt.Sprintf("%d.%02d", cents/100, cents%100), ""})
		out.Flush() // to be seen at once
		select {
		case <-time.After(v.Pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.Join(err, out.Error())
}

// note says how the report is at the moment.
func (v *ReportDownloadView) note(context.Context) (string, error) {
	if s := v.Cache.Status("report"); s.State.String() == "running" {
		return fmt.Sprintf("Download %d has started a run %.f s ago, of which %d bytes are there: join it.",
			v.startedBy.Load(), time.Since(s.Began).Seconds(), s.Bytes), nil
	}
	if v.startedBy.Load() > 0 {
		return fmt.Sprintf("Download %d has started the last run, whose copy is good for a minute.", v.startedBy.Load()), nil
	}
	return "Nobody has asked: the next download starts a run.", nil
}

// newReports returns a cache in a new directory.
func newReports() (*cache.Cache, *os.Root, error) {
	dir, err := os.MkdirTemp("", "downloadview-demo-cache-")
	if err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, errors.Join(err, os.Remove(dir))
	}
	reports, err := cache.New(root, cache.Options{MaxBytes: 64 << 20, MaxAge: time.Minute, Linger: 5 * time.Second})
	if err != nil {
		return nil, nil, errors.Join(err, removeDisk(root))
	}
	return reports, root, nil
}

// fillOrders makes the table that the report is of: a hundred days of orders.
func fillOrders(library *sql.DB) error {
	_, err := library.Exec(`CREATE TABLE orders (day INTEGER NOT NULL, cents INTEGER NOT NULL);
		INSERT INTO orders
		WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i < 9999)
		SELECT i % 100 + 1, i * 7919 % 50000 FROM n;
		CREATE INDEX orders_by_day ON orders (day)`)
	return err
}
