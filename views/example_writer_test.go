package views_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// SquaresDownloadView serves what a csv.Writer writes.
type SquaresDownloadView struct{ views.VirtualDownloadView }

func (SquaresDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewVirtualFile(files.NewWriterIO(writeSquares), "squares.csv"), nil
}

func writeSquares(w io.Writer) error {
	out := csv.NewWriter(w)
	for i := range 3 {
		if err := out.Write([]string{strconv.Itoa(i), strconv.Itoa(i * i)}); err != nil {
			return err // the client has left
		}
	}
	out.Flush()
	return out.Error()
}

// Stream what a function writes to an io.Writer: CSV here, but it may as well be
// a template, a PDF or a picture.
func ExampleVirtualDownloadView_writer() {
	r := chi.NewRouter()
	views.Mount(r, "/squares", SquaresDownloadView{})

	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/squares", nil))
	fmt.Println(w.Header().Get("Content-Type"))
	fmt.Println(w.Body)
	// Output:
	// text/csv; charset=utf-8
	// 0,0
	// 1,1
	// 2,4
}
