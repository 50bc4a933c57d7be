package views_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"
	"testing/fstest"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/views"
)

// serveDir returns a handler that serves the files in dir, and no others.
func serveDir(dir string) (http.Handler, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	views.Mount(r, "/files/*", views.PathDownloadView{Root: root})
	return r, nil
}

// manualPath returns the path of the manual in the language that r asks for.
func manualPath(r *http.Request) (string, error) {
	language, err := views.PathParam(r, "language")
	if err != nil {
		return "", err
	}
	switch language {
	case "de", "en", "fr":
		return "manuals/" + language + ".txt", nil
	}
	return "", fs.ErrNotExist
}

// serveManuals returns a handler that serves a few files in dir at URLs which
// have nothing to do with their paths.
func serveManuals(dir string) http.Handler {
	terms := views.PathDownloadView{Dir: dir, FixedPath: "legal/terms.txt"}
	terms.Options.Inline = true
	manual := views.PathDownloadView{Dir: dir, Path: manualPath}
	manual.Options.Basename = "manual.txt"

	r := chi.NewRouter()
	views.Mount(r, "/terms", terms)
	views.Mount(r, "/manual/{language}", manual)
	return r
}

// servePictures returns a handler that serves the pictures in dir, and nothing
// else that is there.
func servePictures(dir string) http.Handler {
	pictures := views.PathDownloadView{Dir: dir, Allow: func(name string) bool {
		return path.Ext(name) == ".jpg" && !strings.Contains("/"+name, "/.")
	}}
	r := chi.NewRouter()
	views.Mount(r, "/pictures/*", pictures)
	return r
}

// Files in a directory, and whatever a URL may try, no file outside it.
func ExamplePathDownloadView() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	err = os.CopyFS(dir, fstest.MapFS{
		"hello.txt":       {Data: []byte("Hello world!")},
		"circle.jpg":      {Data: []byte("o")},
		".env":            {Data: []byte("SECRET=1")},
		"legal/terms.txt": {Data: []byte("Be nice.")},
		"manuals/en.txt":  {Data: []byte("Press the button.")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := serveDir(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := chi.NewRouter()
	r.Mount("/", serveManuals(dir))
	r.Handle("/files/*", files)
	r.Handle("/pictures/*", servePictures(dir))

	for _, target := range []string{
		"/files/hello.txt", "/files/legal/terms.txt", "/files/legal", "/files/..%2F..%2Fetc%2Fpasswd", "/files/.env",
		"/pictures/circle.jpg", "/pictures/hello.txt",
		"/terms", "/manual/en", "/manual/..%2Flegal",
	} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		fmt.Printf("%s %d [%s]\n", target, w.Code, w.Header().Get("Content-Disposition"))
	}
	// Output:
	// /files/hello.txt 200 [attachment; filename="hello.txt"]
	// /files/legal/terms.txt 200 [attachment; filename="terms.txt"]
	// /files/legal 404 []
	// /files/..%2F..%2Fetc%2Fpasswd 404 []
	// /files/.env 404 []
	// /pictures/circle.jpg 200 [attachment; filename="circle.jpg"]
	// /pictures/hello.txt 404 []
	// /terms 200 [inline; filename="terms.txt"]
	// /manual/en 200 [attachment; filename="manual.txt"]
	// /manual/..%2Flegal 404 []
}
