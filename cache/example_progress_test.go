package cache_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
)

// progress answers how much of a running export is there, for a page to show.
func progress(exports *cache.Cache) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, running := exports.Progress(r.PathValue("tenant") + "/orders")
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		json.NewEncoder(w).Encode(map[string]any{"running": running, "bytes": p.Bytes, "size": p.Size, "readers": p.Readers})
	}
}

// How much of a running export is there: a page asks now and then.
func Example_progress() {
	root, remove := temporaryRoot()
	defer remove()
	exports := &cache.Cache{Root: root}
	defer exports.Close()

	half := make(chan struct{})
	export, err := exports.File(context.Background(), "acme/orders", func(context.Context) (fs.File, error) {
		file := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			if _, err := io.WriteString(w, "one half, "); err != nil {
				return err
			}
			<-half
			_, err := io.WriteString(w, "the other")
			return err
		}), "orders.csv")
		file.Size = 19
		return file, nil
	})
	if err != nil {
		panic(err)
	}
	defer export.Close()
	if _, err := io.CopyN(io.Discard, export, 10); err != nil {
		panic(err)
	}

	mux := http.NewServeMux()
	mux.Handle("GET /{tenant}/progress", progress(exports))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/acme/progress", nil))
	fmt.Print(w.Body)
	close(half)
	// Output:
	// {"bytes":10,"readers":1,"running":true,"size":19}
}
