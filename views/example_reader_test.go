package views_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// ReaderDownloadView serves what a reader reads.
type ReaderDownloadView struct{ views.VirtualDownloadView }

func (ReaderDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewVirtualFile(strings.NewReader("Hello world!\n"), "hello-world.txt"), nil
}

// Serve any reader. This one can seek, so there are ranges.
func ExampleVirtualDownloadView_reader() {
	r := chi.NewRouter()
	views.Mount(r, "/reader", ReaderDownloadView{})

	req := httptest.NewRequest("GET", "/reader", nil)
	req.Header.Set("Range", "bytes=6-10")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	fmt.Println(w.Code, w.Header().Get("Content-Range"))
	fmt.Println(w.Body)
	// Output:
	// 206 bytes 6-10/13
	// world
}
