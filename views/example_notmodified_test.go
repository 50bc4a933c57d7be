package views_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// ConstantDownloadView answers on the view: its text never changes.
type ConstantDownloadView struct{ views.VirtualDownloadView }

func (ConstantDownloadView) GetFile(*http.Request) (fs.File, error) {
	file := files.NewContentFile("Hello world!", "hello-world.txt")
	file.ModTime = edited // any date: clients ask by the date that they were told
	return file, nil
}

func (ConstantDownloadView) WasModifiedSince(*http.Request, fs.File, time.Time) bool {
	return false // always "Hello world!"
}

var edited = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// DatedDownloadView says when its text was modified, and leaves the rest to the
// defaults.
type DatedDownloadView struct{ views.VirtualDownloadView }

func (DatedDownloadView) GetFile(*http.Request) (fs.File, error) {
	file := files.NewVirtualFile(files.NewStringIteratorIO(generateHello), "hello-world.txt")
	file.ModTime = edited
	return file, nil
}

// Edition is a generated text that knows whether it has changed.
type Edition struct{ *files.StringIteratorIO }

func (Edition) WasModifiedSince(since time.Time) (bool, error) {
	return edited.After(since), nil
}

// EditionDownloadView lets the reader inside the file answer.
type EditionDownloadView struct{ views.VirtualDownloadView }

func (EditionDownloadView) GetFile(*http.Request) (fs.File, error) {
	file := files.NewVirtualFile(Edition{files.NewStringIteratorIO(generateHello)}, "hello-world.txt")
	file.ModTime = edited
	return file, nil
}

// A client that has the content asks by the date that it was told, and gets a 304.
// Nothing is generated for it.
func ExampleVirtualDownloadView_notModified() {
	r := chi.NewRouter()
	views.Mount(r, "/constant", ConstantDownloadView{})
	views.Mount(r, "/dated", DatedDownloadView{})
	views.Mount(r, "/edition", EditionDownloadView{})
	views.Mount(r, "/generated", GeneratedDownloadView{}) // has no date

	for _, path := range []string{"/constant", "/dated", "/edition", "/generated"} {
		first, again := httptest.NewRecorder(), httptest.NewRecorder()
		req := httptest.NewRequest("GET", path, nil)
		r.ServeHTTP(first, req)
		if date := first.Header().Get("Last-Modified"); date != "" {
			req.Header.Set("If-Modified-Since", date)
		}
		r.ServeHTTP(again, req)
		fmt.Println(path, again.Code, again.Header().Get("Last-Modified"))
	}
	// Output:
	// /constant 304 Sat, 14 Mar 2026 15:09:26 GMT
	// /dated 304 Sat, 14 Mar 2026 15:09:26 GMT
	// /edition 304 Sat, 14 Mar 2026 15:09:26 GMT
	// /generated 200
}
