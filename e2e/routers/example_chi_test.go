package routers_test

import (
	"net/http"
	"os"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-downloadview/downloadview/views"
)

// newChi returns downloads on chi.
func newChi(root *os.Root) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, middleware.Compress(5))
	views.Mount(r, "/files/*", views.PathDownloadView{Root: root})
	r.Route("/members", func(r chi.Router) {
		r.Use(requireLogin)
		views.Mount(r, "/invoices/{id}", InvoiceDownloadView{})
	})
	return r
}
