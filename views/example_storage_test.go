package views_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// serveStorage returns a handler that serves the files of any storage.
func serveStorage(storage fs.FS) http.Handler {
	r := chi.NewRouter()
	views.Mount(r, "/files/*", views.StorageDownloadView{Storage: storage})
	return r
}

// Bucket is a storage that can give its files URLs which are good for a while.
type Bucket struct {
	fs.FS
	Sign func(ctx context.Context, name string) (string, error)
}

var _ files.URLFS = Bucket{}

func (b Bucket) URL(ctx context.Context, name string) (string, error) {
	return b.Sign(ctx, name)
}

// serveBucket returns a handler that has clients fetch the files from the bucket.
func serveBucket(bucket Bucket) http.Handler {
	films := views.StorageDownloadView{Storage: bucket}
	films.Options.Redirect = true
	r := chi.NewRouter()
	views.Mount(r, "/films/*", films)
	return r
}

// The files of any fs.FS; here it is one in memory.
func ExampleStorageDownloadView() {
	storage := fstest.MapFS{"hello.txt": {Data: []byte("Hello world!")}}
	bucket := Bucket{storage, func(_ context.Context, name string) (string, error) {
		return "https://bucket.example/" + name + "?signature=abc", nil
	}}

	w := httptest.NewRecorder()
	serveStorage(storage).ServeHTTP(w, httptest.NewRequest("GET", "/files/hello.txt", nil))
	fmt.Println(w.Code, w.Body)

	w = httptest.NewRecorder()
	serveBucket(bucket).ServeHTTP(w, httptest.NewRequest("GET", "/films/hello.txt", nil))
	fmt.Println(w.Code, w.Header().Get("Location"), w.Header().Get("Cache-Control"))
	// Output:
	// 200 Hello world!
	// 302 https://bucket.example/hello.txt?signature=abc no-store
}
