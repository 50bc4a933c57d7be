package recipes_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

func TestHomesAreApart(t *testing.T) {
	servertest.CaptureLog(t)
	dir := t.TempDir()
	if err := makeHomes(dir); err != nil {
		t.Fatal(err)
	}
	for _, link := range []struct{ to, name string }{
		{"../2/plan.txt", "file"},
		{"../2", "directory"},
		{filepath.Join(dir, "2", "plan.txt"), "absolute"},
	} {
		if err := os.Symlink(link.to, filepath.Join(dir, "1", link.name)); err != nil {
			t.Skip("this system has no symbolic links for us: ", err)
		}
	}
	homes, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer homes.Close()
	r := chi.NewRouter()
	r.Use(asAda)
	views.Mount(r, "/files/*", HomeDownloadView{Homes: homes})

	for _, tt := range []struct{ path, reason string }{
		{"file", "a link to a file of Grace's"},
		{"directory/plan.txt", "a link to her directory"},
		{"absolute", "an absolute link to it"},
		{"../2/plan.txt", "dots"},
		{"..%2f2%2fplan.txt", "dots that are escaped"},
		{".profile", "a dot file"},
	} {
		got := servertest.Record(r, "GET", "/files/"+tt.path)
		got.CheckError(t, 404)
		if t.Failed() {
			t.Fatal(tt.reason)
		}
	}
	downloadtest.TestView(t, HomeDownloadView{Homes: homes}, downloadtest.At("/{path...}", "/plan.txt"),
		downloadtest.Through(asAda), downloadtest.Ranges(true))
}
