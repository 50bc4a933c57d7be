package downloadtest_test

import (
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// The code that is tested.

// ReportView serves the report of a year, the id in the path.
type ReportView struct{ views.VirtualDownloadView }

func (ReportView) GetFile(r *http.Request) (fs.File, error) {
	year, err := views.PathParam(r, "year")
	if err != nil {
		return nil, err
	}
	if year != "2024" {
		return nil, fs.ErrNotExist
	}
	return files.NewContentFile("month,total\nmay,7\n", "Übersicht "+year+".csv"), nil
}

// RowsView serves rows that are generated while they are sent.
type RowsView struct{ views.VirtualDownloadView }

func (RowsView) GetFile(*http.Request) (fs.File, error) {
	return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
		rows := csv.NewWriter(w)
		for _, row := range [][]string{{"a", "b"}, {"1", "2"}} {
			if err := rows.Write(row); err != nil {
				return err
			}
		}
		rows.Flush()
		return rows.Error()
	}), "rows.csv"), nil
}

// TableView serves the rows that it is given, which may fail.
type TableView struct {
	views.VirtualDownloadView
	Rows iter.Seq2[string, error]
}

func (v TableView) GetFile(*http.Request) (fs.File, error) {
	return files.NewVirtualFile(files.NewStringIteratorIO(v.Rows), "table.csv"), nil
}

func newHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /reports/{year}", views.AsView(ReportView{}))
	return mux
}

// The tests, as docs/testing.md shows them.

func TestReport(t *testing.T) {
	srv := httptest.NewServer(newHandler())
	defer srv.Close()

	resp, err := srv.Client().Get(srv.URL + "/reports/2024")
	if err != nil {
		t.Fatal(err)
	}
	downloadtest.Assert(t, resp, downloadtest.Want{
		Name:        "Übersicht 2024.csv",
		Fallback:    "Ubersicht 2024.csv",
		ContentType: "text/csv",
		Content:     []byte("month,total\nmay,7\n"),
	})
}

func TestReportIsNotSentTwice(t *testing.T) {
	first := httptest.NewRecorder()
	newHandler().ServeHTTP(first, httptest.NewRequest("GET", "/reports/2024", nil))

	r := httptest.NewRequest("GET", "/reports/2024", nil)
	r.Header.Set("If-None-Match", first.Header().Get("Etag"))
	w := httptest.NewRecorder()
	newHandler().ServeHTTP(w, r)
	downloadtest.AssertNotModified(t, w.Result())
}

func TestReportIsResumed(t *testing.T) {
	r := httptest.NewRequest("GET", "/reports/2024", nil)
	r.Header.Set("Range", "bytes=12-")
	w := httptest.NewRecorder()
	newHandler().ServeHTTP(w, r)
	downloadtest.AssertPartial(t, w.Result(), []byte("month,total\nmay,7\n"), "12-17")
}

func TestTableThatBreaks(t *testing.T) {
	view := TableView{Rows: func(yield func(string, error) bool) {
		if yield("a,b\n", nil) {
			yield("", errors.New("connection to the database lost"))
		}
	}}
	view.Options.FlushInterval = -1 // the first row leaves before the second fails
	srv := httptest.NewServer(views.AsView(view))
	defer srv.Close()

	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	downloadtest.AssertBroken(t, resp)
}

func TestRowsView(t *testing.T) {
	downloadtest.TestView(t, RowsView{})
}

func TestReportView(t *testing.T) {
	downloadtest.TestView(t, ReportView{},
		downloadtest.At("/reports/{year}", "/reports/2024"),
		downloadtest.Ranges(true))
}

func TestReportViewBehindChi(t *testing.T) {
	downloadtest.TestView(t, ReportView{},
		downloadtest.At("/", "/reports/2024"),
		downloadtest.Through(func(view http.Handler) http.Handler {
			r := chi.NewRouter()
			r.Use(middleware.Recoverer)
			r.Method("GET", "/reports/{year}", view)
			r.Method("HEAD", "/reports/{year}", view)
			return r
		}))
}

func TestWholeRouter(t *testing.T) {
	downloadtest.TestHandler(t, newHandler(), downloadtest.At("/", "/reports/2024"))
}
