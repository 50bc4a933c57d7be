package archive_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// writeOrders writes a table, row by row.
func writeOrders(w io.Writer) error {
	table := csv.NewWriter(w)
	for id := range 3 {
		if err := table.Write([]string{fmt.Sprint(id), "shipped"}); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}

// ExportDownloadView serves a table that is generated while it is sent, and a note.
type ExportDownloadView struct{ views.VirtualDownloadView }

func (ExportDownloadView) GetFile(r *http.Request) (fs.File, error) {
	const note = "The columns are number and state.\n"
	return archive.NewZip(r.Context(), "export.zip", []archive.Entry{
		{
			Name: "orders.csv",
			Size: -1, // nobody knows, so it is compressed
			Open: func(context.Context) (fs.File, error) {
				return files.NewVirtualFile(files.NewWriterIO(writeOrders), "orders.csv"), nil
			},
		},
		{
			Name: "about.txt",
			Size: int64(len(note)),
			Open: func(context.Context) (fs.File, error) { return files.NewContentFile(note, "about.txt"), nil },
		},
	})
}

// A file of unknown size makes the length of the archive unknown, and so there are
// no ranges of it. Nothing is kept, neither in memory nor on disk.
func Example_generated() {
	r := chi.NewRouter()
	views.Mount(r, "/export", ExportDownloadView{})
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/export", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Disposition"), w.Header().Get("Accept-Ranges"))
	printNames(w.Body.Bytes())
	// Output:
	// 200 attachment; filename="export.zip" none
	// orders.csv
	// about.txt
}

// What cannot be in an archive is refused before anything is sent, and the error
// says what it is.
func ExampleEntryError() {
	_, err := archive.NewZip(context.Background(), "all.zip", []archive.Entry{{Name: "../secret.txt"}})
	fmt.Println(err)

	var refused *archive.EntryError
	fmt.Println(errors.As(err, &refused), refused.Name)
	// Output:
	// archive: entry "../secret.txt": the name has an element that is "", "." or ".."
	// true ../secret.txt
}
