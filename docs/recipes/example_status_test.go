package recipes_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

const nobody = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 2 2"><circle r="1"/></svg>`

// PortraitDownloadView serves a picture, or with status 404 another one.
type PortraitDownloadView struct{ views.VirtualDownloadView }

func (PortraitDownloadView) GetFile(*http.Request) (fs.File, error) {
	return nil, fs.ErrNotExist // there is no portrait yet
}

func (v PortraitDownloadView) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	if status := response.Status(err); status == http.StatusNotFound {
		serveWithStatus(w, r, status, files.NewContentFile(nobody, "nobody.svg"))
		return
	}
	v.VirtualDownloadView.HandleError(w, r, err)
}

// serveWithStatus shows a file with a status of its own.
func serveWithStatus(w http.ResponseWriter, r *http.Request, status int, file fs.File) {
	r = r.Clone(r.Context())
	for _, key := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		r.Header.Del(key) // RFC 9110 §13.2.1: conditions are for what would be a 200
	}
	w.Header().Set("Cache-Control", "no-store")
	response.New(file, response.Options{Inline: true, NoRanges: true}).ServeHTTP(&statusWriter{w, status}, r)
}

// statusWriter sends another status in the place of 200.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if status == http.StatusOK {
		status = w.status
		w.Header().Del("ETag") // there is nothing to compare it with
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController flush, move deadlines and break off.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A picture that says that there is none.
func Example_status() {
	r := httptest.NewRequest("GET", "/portrait", nil)
	r.Header.Set("Range", "bytes=0-3")
	w := httptest.NewRecorder()
	views.AsView(PortraitDownloadView{})(w, r)
	fmt.Println(w.Code, w.Header().Get("Content-Type"), w.Header().Get("Content-Disposition"))
	fmt.Println(w.Body)
	// Output:
	// 404 image/svg+xml inline; filename="nobody.svg"
	// <svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 2 2"><circle r="1"/></svg>
}
