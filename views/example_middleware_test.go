package views_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/go-downloadview/downloadview/views"
)

// cacheFor is middleware that lets caches keep answers.
func cacheFor(d time.Duration) func(http.Handler) http.Handler {
	value := fmt.Sprintf("private, max-age=%d", int(d.Seconds()))
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", value)
			next.ServeHTTP(w, r)
		})
	}
}

// The order of middleware: from what looks at every request to what is about
// this answer.
func Example_middleware() {
	r := chi.NewRouter()
	r.Use(middleware.RequestID)   // first, so that all others can log it
	r.Use(middleware.Recoverer)   // around whatever may panic
	r.Use(middleware.Compress(5)) // leaves alone what must not be compressed
	r.Use(cacheFor(time.Hour))    // header fields: last, set before the view runs

	views.Mount(r, "/text", TextDownloadView{})           // strong entity tag
	views.Mount(r, "/generated", GeneratedDownloadView{}) // no entity tag
	views.Mount(r, "/invoices/{id}", InvoiceDownloadView{})

	for _, path := range []string{"/text", "/generated", "/invoices/3"} {
		req := httptest.NewRequest("GET", path, nil)
		req.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		fmt.Println(path, w.Code)
		fmt.Println("  Content-Encoding:", w.Header().Get("Content-Encoding"))
		fmt.Println("  Cache-Control:", w.Header().Get("Cache-Control"))
	}
	// Output:
	// /text 200
	//   Content-Encoding: identity
	//   Cache-Control: private, max-age=3600
	// /generated 200
	//   Content-Encoding: gzip
	//   Cache-Control: private, max-age=3600
	// /invoices/3 404
	//   Content-Encoding: gzip
	//   Cache-Control: no-store
}
