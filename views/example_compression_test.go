package views_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/gzhttp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

var log2026 = strings.Repeat("nothing happened\n", 1000)

// LogDownloadView serves text that middleware may compress: its entity tag is
// weak, which promises the same text and not the same bytes.
type LogDownloadView struct{ views.VirtualDownloadView }

func (LogDownloadView) GetFile(*http.Request) (fs.File, error) {
	file := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
		_, err := io.WriteString(w, log2026)
		return err
	}), "2026.log")
	file.ETag = `W/"2026-1"`
	return file, nil
}

// A weak entity tag is the author's leave to compress, and still good for 304.
func Example_compression() {
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler { return gzhttp.GzipHandler(next) })
	views.Mount(r, "/log", LogDownloadView{})

	for _, known := range []string{"", `W/"2026-1"`} {
		req := httptest.NewRequest("GET", "/log", nil)
		req.Header.Set("Accept-Encoding", "gzip")
		req.Header.Set("If-None-Match", known)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		fmt.Printf("%d %s %q\n", w.Code, w.Header().Get("ETag"), w.Header().Get("Content-Encoding"))
	}
	// Output:
	// 200 W/"2026-1" "gzip"
	// 304 W/"2026-1" ""
}
