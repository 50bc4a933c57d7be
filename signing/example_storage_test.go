package signing_test

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/go-downloadview/downloadview/views"
)

// newInvoices returns a storage whose files have URLs, and the handler that those
// lead to.
func newInvoices(storage fs.FS, signer *signing.Signer) (files.URLFS, http.Handler, error) {
	invoices, err := signing.NewFS(storage, signer, "/invoices/", 10*time.Minute)
	if err != nil {
		return nil, nil, err
	}
	r := chi.NewRouter()
	views.Mount(r.With(signer.Wrap), "/invoices/*", views.StorageDownloadView{Storage: storage})
	return invoices, r, nil
}

var page = template.Must(template.New("page").Parse(`<a href="{{.URL}}">{{.Name}}</a>` + "\n"))

// writePage writes a page with a link to an invoice. The storage may also be a
// bucket.
func writePage(ctx context.Context, w io.Writer, invoices files.URLFS, name string) error {
	link, err := invoices.URL(ctx, name)
	if err != nil {
		return err
	}
	return page.Execute(w, map[string]string{"URL": link, "Name": name})
}

// A page asks a storage and a bucket for URLs in the same way.
func ExampleFS() {
	signer, err := signing.NewSigner(signing.Options{
		Keys: [][]byte{[]byte("32 random bytes, or more of them")},
		Now:  func() time.Time { return noon }, // leave it out
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	invoices, h, err := newInvoices(fstest.MapFS{"2026/7.txt": {Data: []byte("You owe nothing.")}}, signer)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := writePage(context.Background(), os.Stdout, invoices, "2026/7.txt"); err != nil {
		fmt.Println(err)
		return
	}
	link, err := invoices.URL(context.Background(), "2026/7.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", link, nil))
	fmt.Println(w.Code, w.Body, w.Header().Get("Cache-Control"))
	// Output:
	// <a href="/invoices/2026/7.txt?expires=1767269400&amp;signature=5nrAQiPHbMghpr79MtF4yszp--FoQWmjZnCMukdhmDI">2026/7.txt</a>
	// 200 You owe nothing. private, max-age=600
}
