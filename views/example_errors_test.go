package views_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

var errNotPaid = errors.New("the invoice is not paid")

// InvoiceDownloadView serves the invoice that the URL names.
type InvoiceDownloadView struct{ views.VirtualDownloadView }

func (InvoiceDownloadView) GetFile(r *http.Request) (fs.File, error) {
	id, err := views.PathParam(r, "id")
	if err != nil {
		return nil, err
	}
	switch id {
	case "1":
		return files.NewContentFile("1 coffee", "invoice.txt"), nil
	case "2":
		return nil, fmt.Errorf("invoice %s: %w", id, errNotPaid)
	default:
		return nil, fmt.Errorf("invoice %s: %w", id, fs.ErrNotExist)
	}
}

func (v InvoiceDownloadView) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errNotPaid) {
		http.Redirect(w, r, "/pay", http.StatusSeeOther)
		return
	}
	v.VirtualDownloadView.HandleError(w, r, err) // super: 404, 403 or 500
}

// What is to happen when there is no file is for the view to say.
func ExampleBaseDownloadView_errors() {
	r := chi.NewRouter()
	views.Mount(r, "/invoices/{id}", InvoiceDownloadView{})

	for _, path := range []string{"/invoices/1", "/invoices/2", "/invoices/3"} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Printf("%s %d %q\n", path, w.Code, w.Header().Get("Location"))
	}
	// Output:
	// /invoices/1 200 ""
	// /invoices/2 303 "/pay"
	// /invoices/3 404 ""
}
