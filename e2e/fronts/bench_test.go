package fronts_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/internal/duel"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/views"
)

var sizes = []int64{1 << 10, 1 << 20, 100 << 20}

// benchmarked starts nginx in front of files of these sizes, which it sends by
// itself, too, and returns their URL without how they are sent and without their
// size.
func benchmarked(b *testing.B) (url string) {
	b.Helper()
	front := fronts.NGINX()
	front.Program(b)
	dir := fronts.Dir(b)
	for _, size := range sizes {
		writeBytes(b, filepath.Join(dir, fmt.Sprint(size)), size)
	}
	m, err := offload.New(front.Kind, offload.Options{Rules: []offload.Rule{front.Rule(dir)}})
	if err != nil {
		b.Fatal(err)
	}
	h := views.AsView(views.FileFunc(func(r *http.Request) (fs.File, error) {
		return os.Open(filepath.Join(dir, r.PathValue("path")))
	}))
	mux := http.NewServeMux()
	mux.Handle("/handed-over/{path...}", m.Wrap(h))
	mux.Handle("/proxied/{path...}", h)
	app := httptest.NewServer(mux)
	b.Cleanup(app.Close)
	return front.StartWith(b, func(address string) string {
		config := front.Configuration(b, app.Listener.Addr().String(), dir, address)
		return strings.Replace(config, "location / {", "location /by-itself/ { alias "+dir+"/; gzip off; }\nlocation / {", 1)
	})
}

// A download through nginx: handed over by the application, sent by it, and of
// nginx by itself. server-ns/op is the processor time of the application.
func BenchmarkNGINX(b *testing.B) {
	url := benchmarked(b)
	for _, size := range sizes {
		for _, atOnce := range []int{1, 4} {
			for _, by := range []string{"handed-over", "proxied", "by-itself"} {
				b.Run(fmt.Sprintf("%s/at-once=%d/by=%s", sizeName(size), atOnce, by), func(b *testing.B) {
					duel.At(b, fmt.Sprintf("%s/%s/%d", url, by, size), size, atOnce)
				})
			}
		}
	}
}

// The same of 100 MiB, the two taking turns, so that both have the same
// neighbours: "ratio" is the median of the time that nginx took by itself over
// the time handed over.
func BenchmarkTurns(b *testing.B) {
	url := benchmarked(b)
	const size = 100 << 20
	buf := make([]byte, 256<<10)
	took := func(by string) float64 {
		begun := time.Now()
		resp, err := client.Get(fmt.Sprintf("%s/%s/%d", url, by, size))
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, buf); n != size || err != nil {
			b.Fatalf("%d bytes, %v", n, err)
		}
		return time.Since(begun).Seconds()
	}
	took("handed-over") // so that all are connected
	var ratios []float64
	for b.Loop() {
		if len(ratios)%2 == 0 {
			first := took("handed-over")
			ratios = append(ratios, took("by-itself")/first)
		} else {
			first := took("by-itself")
			ratios = append(ratios, first/took("handed-over"))
		}
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
}

func sizeName(size int64) string {
	if size < 1<<20 {
		return fmt.Sprintf("%dKiB", size>>10)
	}
	return fmt.Sprintf("%dMiB", size>>20)
}

// writeBytes writes a file of so many bytes, on disk before anything is measured.
func writeBytes(b *testing.B, path string, size int64) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, size)); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
}
