package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

//demo:report

// ReportView serves a report that takes ten seconds to make. All who ask meanwhile
// read the one cached file that grows.
type ReportView struct {
	views.VirtualDownloadView
	Cache *cache.Cache
	Pause time.Duration // for each of a hundred rows
}

func (v ReportView) GetFile(r *http.Request) (fs.File, error) {
	return v.Cache.File(r.Context(), "report", v.open(rows))
}

// start answers POST: it begins a new run, unless one goes on, and sends the browser
// to the page that follows it.
func (v ReportView) start(w http.ResponseWriter, r *http.Request) {
	n := rows
	if r.FormValue("fail") != "" {
		n = rows / 2
	}
	if v.Cache.Status("report").State == cache.Kept {
		_ = v.Cache.Remove("report") // if it stays, it will do
	}
	if err := v.Cache.Start(r.Context(), "report", v.open(n)); err != nil {
		v.HandleError(w, r, err)
		return
	}
	http.Redirect(w, r, "/report", http.StatusSeeOther)
}

// open returns the generator. It is the run's, and goes on when the request that
// began it has ended.
func (v ReportView) open(n int) func(context.Context) (fs.File, error) {
	return func(ctx context.Context) (fs.File, error) {
		file := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error { return v.write(ctx, w, n) }), "report.csv")
		file.Size = rows * rowSize // so the page knows how far it is
		return file, nil
	}
}

//demo:end

const rows, rowSize = 100, 33

// write writes n rows, and fails if they are not all.
func (v ReportView) write(ctx context.Context, w io.Writer, n int) error {
	began := time.Now().Format(time.TimeOnly)
	for day := 1; day <= n; day++ {
		if _, err := fmt.Fprintf(w, "%3d,%8d EUR,run of %s\n", day, day*7919%50000, began); err != nil {
			return err
		}
		select {
		case <-time.After(v.Pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if n < rows {
		return errors.New("the connection to the database was lost")
	}
	return nil
}
