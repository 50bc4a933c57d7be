package views_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// tinyDriver is a database with one table, of two columns: the id, which is a
// number that the query ends with, and a BLOB.
type tinyDriver map[int64]string

type tinyRows struct {
	row  []driver.Value
	read bool
}

func (d tinyDriver) Connect(context.Context) (driver.Conn, error) { return d, nil }
func (d tinyDriver) Driver() driver.Driver                        { return nil }
func (d tinyDriver) Prepare(string) (driver.Stmt, error)          { return d, nil }
func (d tinyDriver) Begin() (driver.Tx, error)                    { return nil, errors.ErrUnsupported }
func (d tinyDriver) Close() error                                 { return nil }
func (d tinyDriver) NumInput() int                                { return 1 }
func (d tinyDriver) Exec([]driver.Value) (driver.Result, error)   { return nil, errors.ErrUnsupported }

func (d tinyDriver) Query(args []driver.Value) (driver.Rows, error) {
	id := args[0].(int64)
	blob, ok := d[id]
	return &tinyRows{[]driver.Value{id, []byte(blob)}, !ok}, nil
}

func (*tinyRows) Columns() []string { return []string{"id", "blob"} }
func (*tinyRows) Close() error      { return nil }

func (r *tinyRows) Next(dest []driver.Value) error {
	if r.read {
		return io.EOF
	}
	r.read = true
	copy(dest, r.row)
	return nil
}

// The errors of database/sql mean what they should.
func TestObjectDownloadViewOfADatabase(t *testing.T) {
	db := sql.OpenDB(tinyDriver{1: "from a BLOB"})
	type row struct {
		id   int64
		blob []byte
	}
	view := views.ObjectDownloadView[row]{
		GetObject: func(r *http.Request) (found row, err error) {
			id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
			if err != nil {
				return row{}, fs.ErrNotExist
			}
			err = db.QueryRowContext(r.Context(), "SELECT id, blob FROM documents WHERE id = ?", id).Scan(&found.id, &found.blob)
			return found, err
		},
		File: func(_ *http.Request, found row) (fs.File, error) {
			return files.NewContentFile(found.blob, fmt.Sprintf("%d.txt", found.id)), nil
		},
	}
	srv := servertest.Start(t, "HTTP/1.1", mountObject(view))
	got := srv.Do(t, "GET", "/documents/1")
	got.Check(t, 200, "from a BLOB")
	srv.Do(t, "GET", "/documents/1", "If-None-Match", got.Header.Get("Etag")).Check(t, 304, "")
	srv.Do(t, "GET", "/documents/1", "Range", "bytes=-4").Check(t, 206, "BLOB")
	srv.Do(t, "GET", "/documents/2").CheckError(t, 404)
	srv.Do(t, "GET", "/documents/one").CheckError(t, 404)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	srv.Do(t, "GET", "/documents/1").CheckError(t, 500)
}

// A row that is missing is a 404 whichever hook says so, and the log of a server that scanners visit has no line of it.
func TestNoRowsInEveryView(t *testing.T) {
	noPath := func(*http.Request) (string, error) { return "", fmt.Errorf("document 7: %w", sql.ErrNoRows) }
	for reason, view := range map[string]views.DownloadView{
		"a function": views.FileFunc(func(*http.Request) (fs.File, error) { return nil, sql.ErrNoRows }),
		"a path":     views.PathDownloadView{Dir: t.TempDir(), Path: noPath},
		"any path":   views.PathDownloadView{DangerouslyServeAnyPath: true, Path: noPath},
		"a storage":  views.StorageDownloadView{Storage: fstest.MapFS{}, Path: noPath},
		"a URL":      views.HTTPDownloadView{URL: noPath},
		"as it is read": views.FileFunc(func(*http.Request) (fs.File, error) {
			return files.NewVirtualFile(files.NewWriterIO(func(io.Writer) error { return sql.ErrNoRows }), "a.txt"), nil
		}),
	} {
		t.Run(reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			servertest.Record(views.AsView(view), "GET", "/").CheckError(t, http.StatusNotFound)
			if strings.Contains(logs.String(), "level=INFO") {
				t.Errorf("log: %s", logs)
			}
		})
	}
}
