package offloadtest_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/internal/duel"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/offloadtest"
	"github.com/go-downloadview/downloadview/views"
)

// A download through nginx: handed over by the application, sent by it, and of
// nginx by itself. server-ns/op is the processor time of the application.
func BenchmarkNGINX(b *testing.B) {
	front := offloadtest.NGINX()
	front.Program(b)
	dir := offloadtest.Dir(b)
	sizes := []int64{1 << 10, 1 << 20, 100 << 20}
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
	defer app.Close()
	url := front.StartWith(b, func(address string) string {
		config := front.Configuration(b, app.Listener.Addr().String(), dir, address)
		return strings.Replace(config, "location / {", "location /by-itself/ { alias "+dir+"/; gzip off; }\nlocation / {", 1)
	})
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
