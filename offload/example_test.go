package offload_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// newRouter returns a router whose files in dir are sent by nginx.
func newRouter(dir string) (http.Handler, error) {
	handOver, err := offload.New(offload.NGINX, offload.Options{
		Rules: []offload.Rule{{Dir: dir, To: "/protected/"}},
	})
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	r.Use(handOver.Wrap) // all views of the router
	views.Mount(r, "/files/*", views.PathDownloadView{Root: root})
	return r, nil
}

// The application decides which file it is, and nginx sends it.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "100%.csv"), []byte("a,b\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	router, err := newRouter(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	router.ServeHTTP(w, httptest.NewRequest("GET", "/files/100%25.csv", nil))
	fmt.Println(w.Code, w.Body.Len(), "bytes")
	for _, key := range []string{"Content-Type", "Content-Disposition", "X-Accel-Redirect"} {
		fmt.Printf("%s: %s\n", key, w.Header().Get(key))
	}
	// Output:
	// 200 0 bytes
	// Content-Type: text/csv; charset=utf-8
	// Content-Disposition: attachment; filename="100%.csv"; filename*=UTF-8''100%25.csv
	// X-Accel-Redirect: /protected/100%25.csv
}

// New says what is impossible about the settings, when the program starts.
func ExampleNew_refused() {
	_, err := offload.New(offload.NGINX, offload.Options{
		Rules: []offload.Rule{{Dir: "/srv/files", To: "/protected"}},
	})
	fmt.Println(err)
	// Output:
	// offload: rule 1: its To "/protected" must end with a slash
}

// slowly is middleware for users who have not paid.
func slowly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Accel-Limit-Rate", "65536") // bytes a second
		next.ServeHTTP(w, r)
	})
}

// Middleware may set nginx's own fields for a request.
func Example_options() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("a"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	handOver, err := offload.New(offload.NGINX, offload.Options{
		Rules: []offload.Rule{{Dir: dir, To: "/protected/"}},
		NGINX: offload.NGINXOptions{Expires: -time.Second}, // its cache does not keep the decision
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := slowly(handOver.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		views.SendFile(w, r, filepath.Join(dir, "a.txt"), response.Options{})
	})))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Header().Get("X-Accel-Limit-Rate"), w.Header().Get("X-Accel-Expires"))
	// Output:
	// 65536 0
}

func TestReportIsHandedOver(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "report.csv"), []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	router, err := newRouter(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	router.ServeHTTP(w, httptest.NewRequest("GET", "/files/report.csv", nil))
	downloadtest.AssertHandedOver(t, w.Result(), "/protected/report.csv", downloadtest.Want{
		Name:        "report.csv",
		ContentType: "text/csv",
	})
}
