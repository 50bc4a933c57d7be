package views_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// Reports is a handler that decides for itself, and has a file sent in the end.
type Reports struct{ dir string }

func (h Reports) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("key") != "sesame" {
		http.Error(w, "wrong key", http.StatusForbidden)
		return
	}
	views.SendFile(w, r, filepath.Join(h.dir, "report.csv"), response.Options{Basename: "report 2026.csv"})
}

// One call sends a file from inside any handler.
func ExampleSendFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "report.csv"), []byte("a,b\n1,2\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	for _, target := range []string{"/?key=friend", "/?key=sesame"} {
		w := httptest.NewRecorder()
		Reports{dir}.ServeHTTP(w, httptest.NewRequest("POST", target, nil))
		fmt.Printf("%d [%s]\n", w.Code, w.Header().Get("Content-Disposition"))
		fmt.Print(w.Body)
	}
	// Output:
	// 403 []
	// wrong key
	// 200 [attachment; filename="report 2026.csv"]
	// a,b
	// 1,2
}
