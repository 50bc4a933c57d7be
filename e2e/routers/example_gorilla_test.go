package routers_test

import (
	"net/http"
	"os"

	"github.com/go-downloadview/downloadview/views"
	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
	"github.com/klauspost/compress/gzhttp"
)

// pathValues is middleware for gorilla/mux: the variables of the route become
// the path values of the request.
func pathValues(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range mux.Vars(r) {
			r.SetPathValue(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

// newGorilla returns downloads on gorilla/mux.
func newGorilla(root *os.Root) http.Handler {
	r := mux.NewRouter()
	r.Use(handlers.RecoveryHandler(), pathValues)
	r.Handle("/files/{path:.*}", views.AsView(views.PathDownloadView{Root: root})).Methods("GET", "HEAD")
	members := r.PathPrefix("/members").Subrouter()
	members.Use(requireLogin)
	members.Handle("/invoices/{id}", views.AsView(InvoiceDownloadView{})).Methods("GET", "HEAD")
	return gzhttp.GzipHandler(r)
}
