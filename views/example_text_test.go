package views_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// TextDownloadView serves text that lives in memory.
type TextDownloadView struct{ views.VirtualDownloadView }

func (TextDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Hello world!", "hello-world.txt"), nil
}

// Serve text, or bytes, that live in memory.
func ExampleVirtualDownloadView() {
	r := chi.NewRouter()
	views.Mount(r, "/text", TextDownloadView{})

	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/text", nil))
	fmt.Println(w.Code)
	fmt.Println(w.Header().Get("Content-Disposition"))
	fmt.Println(w.Header().Get("Content-Type"))
	fmt.Println(w.Body)
	// Output:
	// 200
	// attachment; filename="hello-world.txt"
	// text/plain; charset=utf-8
	// Hello world!
}
