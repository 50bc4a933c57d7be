package main

import (
	"cmp"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/views"
)

// newRouter mounts the page, the documentation, and the examples, whose downloads
// the page reports.
func newRouter(examples []example, log *downloadLog) http.Handler {
	r := chi.NewRouter()
	mountPage(r, examples, log)
	mountDocumentation(r)
	for _, e := range examples {
		views.Mount(r, cmp.Or(e.Pattern, e.Path), log.watch(e.View))
		if e.Routes != nil {
			e.Routes(r)
		}
	}
	return r
}

// restrict allows pages what they need, and nothing from elsewhere.
func restrict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; "+
			"connect-src 'self'; img-src 'self' data:; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}
