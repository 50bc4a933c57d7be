package recipes_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"

	"github.com/go-downloadview/downloadview/views"
)

// newStaticView returns a view that shows a directory as pages: "/" and "/docs/" are
// their index.html.
func newStaticView(root *os.Root) views.PathDownloadView {
	v := views.PathDownloadView{
		Root:          root,
		Precompressed: []string{"br", "gzip"},
		Path: func(r *http.Request) (string, error) {
			name, err := views.PathParam(r, "path")
			if name == "" || strings.HasSuffix(name, "/") {
				name = path.Join(name, "index.html")
			}
			return name, err
		},
	}
	v.Options.Inline = true
	return v
}

// A directory of pages has no listings, and hides names that begin with a dot.
func Example_static() {
	dir, err := os.MkdirTemp("", "static")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	_ = root.MkdirAll("docs", 0o700)
	_ = root.WriteFile("index.html", []byte("home"), 0o600)
	_ = root.WriteFile("docs/index.html", []byte("docs"), 0o600)
	_ = root.WriteFile(".env", []byte("secret"), 0o600)

	mux := http.NewServeMux()
	mux.Handle("GET /{path...}", views.AsView(newStaticView(root)))
	for _, target := range []string{"/", "/docs/", "/docs", "/.env"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		fmt.Println(target, w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// / 200 text/html; charset=utf-8
	// /docs/ 200 text/html; charset=utf-8
	// /docs 404 text/plain; charset=utf-8
	// /.env 404 text/plain; charset=utf-8
}
