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

func generateHello(yield func(string) bool) {
	for _, word := range []string{"Hello ", "world!"} {
		if !yield(word) {
			return // the client has left
		}
	}
}

// GeneratedDownloadView serves text that is generated while it is sent.
type GeneratedDownloadView struct{ views.VirtualDownloadView }

func (GeneratedDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewVirtualFile(files.NewStringIteratorIO(generateHello), "hello-world.txt"), nil
}

// Stream generated content: it is made while it is sent, and never as a whole.
func ExampleVirtualDownloadView_generated() {
	r := chi.NewRouter()
	views.Mount(r, "/generated", GeneratedDownloadView{})

	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/generated", nil))
	fmt.Println(w.Code)
	fmt.Println(w.Header().Get("Content-Disposition"))
	fmt.Println(w.Body)
	// Output:
	// 200
	// attachment; filename="hello-world.txt"
	// Hello world!
}
