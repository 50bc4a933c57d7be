package recipes_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/views"
)

// HomeDownloadView serves the files in the directory of whoever asks.
type HomeDownloadView struct {
	views.BaseDownloadView
	Homes *os.Root // has a directory for each user, called by the id
}

func (v HomeDownloadView) GetFile(r *http.Request) (fs.File, error) {
	user, err := userOf(r.Context())
	if err != nil {
		return nil, err
	}
	home, err := v.Homes.OpenRoot(strconv.FormatInt(user.ID, 10))
	if err != nil {
		return nil, err // fs.ErrNotExist: no directory, so 404
	}
	defer home.Close() // a file that is open stays open
	return views.PathDownloadView{Root: home}.GetFile(r)
}

// makeHomes makes a directory for Ada and one for Grace.
func makeHomes(dir string) error {
	for name, content := range map[string]string{"1/plan.txt": "Ada's plan\n", "2/plan.txt": "Grace's plan\n"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Everybody has a directory. The URL is the same for all.
func Example_home() {
	dir, err := os.MkdirTemp("", "homes")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := makeHomes(dir); err != nil {
		fmt.Println(err)
		return
	}
	homes, err := os.OpenRoot(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer homes.Close()

	r := chi.NewRouter()
	r.Use(requireLogin)
	views.Mount(r, "/files/*", HomeDownloadView{Homes: homes})

	for _, user := range []string{"ada", "grace", ""} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, as(user, "/files/plan.txt"))
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 Ada's plan
	// 200 Grace's plan
	// 401 Log in, please.
}
