package routers_test

import (
	"io/fs"
	"net/http"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// InvoiceDownloadView serves invoices by the path parameter "id".
type InvoiceDownloadView struct{ views.VirtualDownloadView }

func (InvoiceDownloadView) GetFile(r *http.Request) (fs.File, error) {
	id, err := views.PathParam(r, "id")
	if err != nil {
		return nil, err
	}
	return files.NewContentFile("Invoice "+id+"\n", "invoice.txt"), nil
}

// requireLogin is middleware for members only.
func requireLogin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ada" || password != "secret" {
			w.Header().Set("WWW-Authenticate", "Basic")
			http.Error(w, "members only", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ReportDownloadView serves 64 KiB of text.
type ReportDownloadView struct{ views.VirtualDownloadView }

func (ReportDownloadView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile(rows(64<<10), "report.txt"), nil
}
