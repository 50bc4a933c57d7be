package routers_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// downloads counts downloads by how they ended.
var downloads = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "downloads_total",
	Help: "Downloads by how they ended.",
}, []string{"ending"})

// countDownloads is middleware.
func countDownloads(next http.Handler) http.Handler {
	return response.Observe(next, func(_ *http.Request, o response.Outcome) {
		downloads.WithLabelValues(o.Ending.String()).Inc()
	})
}

// Count downloads by how they ended, those without a file included. Only "failed"
// is for an alert.
func Example_metrics() {
	r := chi.NewRouter()
	r.Use(countDownloads)
	views.Mount(r, "/report", ReportDownloadView{})
	views.Mount(r, "/missing", views.FileFunc(func(*http.Request) (fs.File, error) { return nil, fs.ErrNotExist }))
	views.Mount(r, "/endless", views.FileFunc(func(*http.Request) (fs.File, error) {
		return files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string) bool) {
			for yield("more\n") {
			}
		}), "endless.txt"), nil
	}))
	srv := httptest.NewServer(r)

	for _, path := range []string{"/report", "/report", "/missing", "/endless"} {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			fmt.Println(err)
			return
		}
		resp.Body.Close() // a closed tab
	}
	srv.Close()

	fmt.Println(testutil.CollectAndCompare(downloads, strings.NewReader(`
# HELP downloads_total Downloads by how they ended.
# TYPE downloads_total counter
downloads_total{ending="client left"} 1
downloads_total{ending="complete"} 2
downloads_total{ending="refused"} 1
`)))
	// Output:
	// <nil>
}
