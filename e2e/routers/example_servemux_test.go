package routers_test

import (
	"net/http"
	"os"

	"github.com/go-downloadview/downloadview/views"
	"github.com/klauspost/compress/gzhttp"
)

// newServeMux returns downloads on http.ServeMux.
func newServeMux(root *os.Root) http.Handler {
	members := http.NewServeMux()
	members.Handle("GET /members/invoices/{id}", views.AsView(InvoiceDownloadView{}))

	mux := http.NewServeMux()
	mux.Handle("GET /files/{path...}", views.AsView(views.PathDownloadView{Root: root}))
	mux.Handle("/members/", requireLogin(members))
	return gzhttp.GzipHandler(mux)
}
