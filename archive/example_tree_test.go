package archive_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/views"
)

// FolderDownloadView serves all that is in a directory as one archive.
type FolderDownloadView struct {
	views.VirtualDownloadView
	Root *os.Root
}

func (v FolderDownloadView) GetFile(r *http.Request) (fs.File, error) {
	entries, err := archive.FromFS(v.Root.FS(), "public", nil)
	if err != nil {
		return nil, err
	}
	return archive.NewZip(r.Context(), "public.zip", entries)
}

// A directory tree, with the names that it has. What leads out of the root is left
// out. Times and sizes make the entity tag, so a download can be resumed for as long
// as nothing changes.
func Example_tree() {
	dir, err := os.MkdirTemp("", "example-")
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
	_ = root.MkdirAll("public/2025", 0o755)
	_ = root.WriteFile("public/2025/report.txt", []byte("All is well.\n"), 0o644)
	_ = root.WriteFile("public/read me.txt", []byte("Hello world!\n"), 0o644)

	r := chi.NewRouter()
	views.Mount(r, "/public.zip", FolderDownloadView{Root: root})
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/public.zip", nil))
	printNames(w.Body.Bytes())

	// What a client that was interrupted asks for.
	again := httptest.NewRequest("GET", "/public.zip", nil)
	again.Header.Set("Range", "bytes=100-")
	again.Header.Set("If-Range", w.Header().Get("ETag"))
	rest := httptest.NewRecorder()
	r.ServeHTTP(rest, again)
	fmt.Println(rest.Code, w.Body.String()[100:] == rest.Body.String())

	// Output:
	// 2025/
	// 2025/report.txt
	// read me.txt
	// 206 true
}
