package cache_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// LeakyView has a key without the tenant: whoever asks first, all others get the
// same.
type LeakyView struct {
	views.VirtualDownloadView
	Cache *cache.Cache
}

func (v LeakyView) GetFile(r *http.Request) (fs.File, error) {
	tenant := r.Header.Get("X-Tenant")
	return v.Cache.File(r.Context(), "report", func(context.Context) (fs.File, error) { // wrong
		return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			_, err := fmt.Fprintln(w, "the orders of", tenant)
			return err
		}), "report.txt"), nil
	})
}

// WRONG: what the content depends on, the tenant here, is not in the key. So one
// tenant gets the data of another. The key must be tenant+"/report".
func Example_incorrectKey() {
	root, remove := temporaryRoot()
	defer remove()
	reports, err := cache.New(root, cache.Options{})
	if err != nil {
		panic(err)
	}
	defer reports.Close()
	view := views.AsView(LeakyView{Cache: reports})
	for _, tenant := range []string{"acme", "globex"} {
		r := httptest.NewRequest(http.MethodGet, "/report", nil)
		r.Header.Set("X-Tenant", tenant)
		w := httptest.NewRecorder()
		view(w, r)
		fmt.Print(tenant, " gets ", w.Body)
	}
	// Output:
	// acme gets the orders of acme
	// globex gets the orders of acme
}

// temporaryRoot returns a directory for an example, and what removes it.
func temporaryRoot() (root *os.Root, remove func()) {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		panic(err)
	}
	root, err = os.OpenRoot(dir)
	if err != nil {
		panic(err)
	}
	return root, func() {
		root.Close()
		os.RemoveAll(dir)
	}
}
