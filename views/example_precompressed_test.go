package views_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/go-downloadview/downloadview/views"
)

// Send files that were compressed ahead to clients that accept them.
func Example_precompressed() {
	dir, err := os.MkdirTemp("", "styles")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"style.css", "style.css.br", "style.css.gz"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("the bytes of "+name), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}
	styles := views.PathDownloadView{Dir: dir, Precompressed: []string{"br", "zstd", "gzip"}}

	for _, accepted := range []string{"", "gzip", "gzip, br"} {
		r := httptest.NewRequest("GET", "/style.css", nil)
		r.SetPathValue("path", "style.css")
		r.Header.Set("Accept-Encoding", accepted)
		w := httptest.NewRecorder()
		views.AsView(styles).ServeHTTP(w, r)
		fmt.Printf("%q: %s, %s\n", accepted, w.Body, w.Header().Get("Content-Type"))
	}
	// Output:
	// "": the bytes of style.css, text/css; charset=utf-8
	// "gzip": the bytes of style.css.gz, text/css; charset=utf-8
	// "gzip, br": the bytes of style.css.br, text/css; charset=utf-8
}
