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

// GreetingView calls another method of its own in GetFile. That breaks the law.
type GreetingView struct{ views.VirtualDownloadView }

func (GreetingView) Name() string { return "nobody" }

func (v GreetingView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Hello "+v.Name()+"!", "hello.txt"), nil
}

// AdaView wants to override Name.
type AdaView struct{ GreetingView }

func (AdaView) Name() string { return "Ada" }

// DON'T do this: a method of an embedded struct never calls a method of the
// struct around it, so this greets nobody. Make Name a field.
func Example_incorrectEmbedding() {
	r := chi.NewRouter()
	views.Mount(r, "/hello", AdaView{})

	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/hello", nil))
	fmt.Println(w.Body)
	// Output:
	// Hello nobody!
}
