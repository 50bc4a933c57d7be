package cache_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// ReportView serves a report for each tenant. It is generated once, and kept.
type ReportView struct {
	views.VirtualDownloadView
	Cache *cache.Cache
}

func (v ReportView) GetFile(r *http.Request) (fs.File, error) {
	tenant := r.PathValue("tenant")
	return v.Cache.File(r.Context(), tenant+"/report", func(ctx context.Context) (fs.File, error) {
		return openReport(ctx, tenant)
	})
}

// openReport describes the report. The work begins when it is read.
func openReport(ctx context.Context, tenant string) (fs.File, error) {
	return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
		fmt.Println("generating the report of", tenant)
		for day := 1; day <= 3 && ctx.Err() == nil; day++ {
			if _, err := fmt.Fprintf(w, "%s, day %d\n", tenant, day); err != nil {
				return err // nobody waits for it any more
			}
		}
		return ctx.Err()
	}), "report.txt"), nil
}

// The first download is generated while it is sent. The second is a file on disk:
// it has a length, an entity tag that is made of its bytes, and ranges.
func Example() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer root.Close()
	reports, err := cache.New(root, cache.Options{MaxBytes: 1 << 30})
	if err != nil {
		log.Fatal(err)
	}
	defer reports.Close()

	mux := http.NewServeMux()
	mux.Handle("GET /{tenant}/report", views.AsView(ReportView{Cache: reports}))
	for _, ranges := range []string{"", "bytes=12-"} {
		r := httptest.NewRequest(http.MethodGet, "/acme/report", nil)
		r.Header.Set("Range", ranges)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Printf("%d, ranges: %s, tag: %q\n", w.Code, w.Header().Get("Accept-Ranges"), w.Header().Get("Etag"))
		fmt.Print(w.Body)
	}
	// Output:
	// generating the report of acme
	// 200, ranges: none, tag: ""
	// acme, day 1
	// acme, day 2
	// acme, day 3
	// 206, ranges: bytes, tag: "\"hsvq0jeeo16eiisi2fmshipijo\""
	// acme, day 2
	// acme, day 3
}
