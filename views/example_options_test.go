package views_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

const circle = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 2 2"><circle r="1"/></svg>`

// CircleDownloadView serves a picture: an attachment, or in the page when the
// request has the query parameter "inline".
type CircleDownloadView struct{ views.VirtualDownloadView }

func (CircleDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile(circle, "circle.svg"), nil
}

func (v CircleDownloadView) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.VirtualDownloadView.GetOptions(r, file) // super: the view's fields
	if r.URL.Query().Has("inline") {
		opts.Inline = true
	}
	return opts
}

// Options are fields of the view, and a hook where they depend on the request.
func ExampleBaseDownloadView_options() {
	view := CircleDownloadView{}
	view.Options.Basename = "a perfect circle.svg"

	r := chi.NewRouter()
	views.Mount(r, "/circle", view)

	for _, target := range []string{"/circle", "/circle?inline"} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		fmt.Println(w.Header().Get("Content-Disposition"))
	}
	// Output:
	// attachment; filename="a perfect circle.svg"
	// inline; filename="a perfect circle.svg"
}
