package views_test

import (
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// ListDownloadView is a view for others to build on: what they are to supply is
// a field.
type ListDownloadView struct {
	views.VirtualDownloadView
	Lines func(r *http.Request) iter.Seq[string]
}

func (v ListDownloadView) GetFile(r *http.Request) (fs.File, error) {
	return files.NewVirtualFile(files.NewStringIteratorIO(v.Lines(r)), "list.txt"), nil
}

// NewFruitDownloadView returns a view that serves a list of fruit.
func NewFruitDownloadView() ListDownloadView {
	return ListDownloadView{Lines: func(*http.Request) iter.Seq[string] {
		return slices.Values([]string{"apple\n", "pear\n"})
	}}
}

// A view that others build on has fields for what they supply: a method would
// not be overridden. The wrong way is the example beside this one.
func Example_embedding() {
	r := chi.NewRouter()
	views.Mount(r, "/fruit", NewFruitDownloadView())

	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/fruit", nil))
	fmt.Print(w.Body)
	// Output:
	// apple
	// pear
}
