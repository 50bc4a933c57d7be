package views_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// Table stands for a database table, or whatever else can fail halfway.
type Table struct{ rows, failAt int }

// Lines yields the rows, one a line.
func (t Table) Lines(yield func(string, error) bool) {
	for i := range t.rows {
		if i == t.failAt {
			yield("", errors.New("connection to the database lost"))
			return
		}
		if !yield(fmt.Sprintf("row %d\n", i), nil) {
			return // the client has left
		}
	}
}

// TableDownloadView serves the rows of a table.
type TableDownloadView struct {
	views.VirtualDownloadView
	Table Table
}

func (v TableDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewVirtualFile(files.NewStringIteratorIO(v.Table.Lines), "table.txt"), nil
}

// A generator that fails never looks like one that has ended: before the first
// byte was sent the answer is a 500, after it the connection breaks.
func ExampleVirtualDownloadView_fallible() {
	r := chi.NewRouter()
	views.Mount(r, "/early", TableDownloadView{Table: Table{rows: 100_000, failAt: 0}})
	views.Mount(r, "/late", TableDownloadView{Table: Table{rows: 100_000, failAt: 99_999}})
	srv := httptest.NewServer(r)
	defer srv.Close()

	for _, path := range []string{"/early", "/late"} {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		fmt.Println(path, resp.StatusCode, "broken off:", err != nil)
	}
	// Output:
	// /early 500 broken off: false
	// /late 200 broken off: true
}
