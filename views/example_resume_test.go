package views_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// countdown writes lines of ten bytes each, so its size needs no counting.
func countdown(w io.Writer) error {
	for i := 9_999; i >= 0; i-- {
		if _, err := fmt.Fprintf(w, "%4d left\n", i); err != nil {
			return err
		}
	}
	return nil
}

// CountdownDownloadView serves generated content that can be resumed.
type CountdownDownloadView struct{ views.VirtualDownloadView }

func (CountdownDownloadView) GetFile(*http.Request) (fs.File, error) {
	file := files.NewVirtualFile(files.NewWriterIO(countdown), "countdown.txt")
	file.Size = 100_000
	file.ETag = `"countdown-1"` // a promise: the same bytes whenever this tag is sent
	return file, nil
}

// Generated content has ranges if its author declares the size and a strong
// entity tag, so a download of it can be resumed.
func ExampleVirtualDownloadView_resume() {
	r := chi.NewRouter()
	views.Mount(r, "/countdown", CountdownDownloadView{})

	req := httptest.NewRequest("GET", "/countdown", nil)
	req.Header.Set("Range", "bytes=99980-")
	req.Header.Set("If-Range", `"countdown-1"`)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	fmt.Println(w.Code, w.Header().Get("Content-Range"))
	fmt.Print(w.Body)
	// Output:
	// 206 bytes 99980-99999/100000
	//    1 left
	//    0 left
}
