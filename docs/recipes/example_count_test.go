package recipes_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// BrochureDownloadView serves a brochure, and counts how often that was sent to its
// end.
type BrochureDownloadView struct {
	views.VirtualDownloadView
	DB *sql.DB
}

func (BrochureDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Buy more tea.\n", "brochure.txt"), nil
}

func (v BrochureDownloadView) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.VirtualDownloadView.GetOptions(r, file)
	opts.OnDone = v.count
	return opts
}

func (v BrochureDownloadView) count(r *http.Request, o response.Outcome) {
	if r.Method != http.MethodGet || o.Status != http.StatusOK || o.Ending != response.Complete {
		return // HEAD, 304, a part, an error, or broken off
	}
	// The client may be gone by now, and r's context with it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 5*time.Second)
	defer cancel()
	if _, err := v.DB.ExecContext(ctx, "UPDATE brochures SET downloads = downloads + 1"); err != nil {
		slog.ErrorContext(ctx, "a download was not counted", "err", err)
	}
}

// newCounter returns a new database in dir that counts.
func newCounter(dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(dir, "counter.db")))
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec("CREATE TABLE brochures (downloads INTEGER); INSERT INTO brochures VALUES (0)"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Only downloads that were sent to their end are counted.
func Example_count() {
	dir, err := os.MkdirTemp("", "counter")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	db, err := newCounter(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	h := views.AsView(BrochureDownloadView{DB: db})
	h(httptest.NewRecorder(), httptest.NewRequest("HEAD", "/brochure", nil))
	part := httptest.NewRequest("GET", "/brochure", nil)
	part.Header.Set("Range", "bytes=0-2")
	h(httptest.NewRecorder(), part)
	h(httptest.NewRecorder(), httptest.NewRequest("GET", "/brochure", nil))

	var downloads int
	err = db.QueryRow("SELECT downloads FROM brochures").Scan(&downloads)
	fmt.Println(downloads, err)
	// Output:
	// 1 <nil>
}
