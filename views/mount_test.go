package views_test

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

type userKey struct{}

// greet is a middleware that knows who asks.
func greet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, "Ada")))
	})
}

// fileOf returns a view whose file has what value makes of the request.
func fileOf(value func(r *http.Request) string) views.DownloadView {
	return views.FileFunc(func(r *http.Request) (fs.File, error) {
		return files.NewContentFile(value(r), "a.txt"), nil
	})
}

func TestRouting(t *testing.T) {
	user := func(r *http.Request) string { return r.Context().Value(userKey{}).(string) }
	for _, tt := range []struct {
		reason string
		router func() http.Handler
		target string
		want   string
	}{
		{"chi's URL parameters", func() http.Handler {
			r := chi.NewRouter()
			views.Mount(r, "/report/{id}", fileOf(func(r *http.Request) string { return chi.URLParam(r, "id") }))
			return r
		}, "/report/42", "42"},
		{"chi's are path values, too", func() http.Handler {
			r := chi.NewRouter()
			views.Mount(r, "/report/{id}", fileOf(func(r *http.Request) string { return r.PathValue("id") }))
			return r
		}, "/report/42", "42"},
		{"chi's wildcard", func() http.Handler {
			r := chi.NewRouter()
			views.Mount(r, "/files/*", fileOf(func(r *http.Request) string { return chi.URLParam(r, "*") }))
			return r
		}, "/files/a/b.txt", "a/b.txt"},
		{"a router in a router, with middleware", func() http.Handler {
			r := chi.NewRouter()
			r.Route("/{year}", func(r chi.Router) {
				views.Mount(r.With(greet), "/{id}", fileOf(func(r *http.Request) string {
					return chi.URLParam(r, "year") + chi.URLParam(r, "id") + user(r)
				}))
			})
			return r
		}, "/2026/7", "20267Ada"},
		{"http.ServeMux's path values", func() http.Handler {
			mux := http.NewServeMux()
			mux.Handle("GET /report/{id}", views.AsView(fileOf(func(r *http.Request) string { return r.PathValue("id") })))
			return mux
		}, "/report/42", "42"},
		{"values in the request's context", func() http.Handler { return greet(views.AsView(fileOf(user))) }, "/", "Ada"},
		{"the query", func() http.Handler {
			return views.AsView(fileOf(func(r *http.Request) string { return r.FormValue("q") }))
		}, "/?q=x", "x"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			router := tt.router()
			if got := servertest.Record(router, "GET", tt.target); got.Status != 200 || got.Body != tt.want {
				t.Errorf("GET: %d %q, want %q", got.Status, got.Body, tt.want)
			}
			if got := servertest.Record(router, "HEAD", tt.target); got.Status != 200 || got.Body != "" || got.Header.Get("Content-Length") == "" {
				t.Errorf("HEAD: %d %q %v", got.Status, got.Body, got.Header)
			}
		})
	}
}

func TestOtherMethodsOfAMountedView(t *testing.T) {
	never := views.FileFunc(func(*http.Request) (fs.File, error) {
		t.Error("GetFile was called")
		return nil, fs.ErrNotExist
	})
	onChi := chi.NewRouter()
	views.Mount(onChi, "/a", never)
	onMux := http.NewServeMux()
	onMux.Handle("GET /a", views.AsView(never))
	for name, router := range map[string]http.Handler{
		"Mount on chi": onChi, "ServeMux": onMux, "AsView": views.AsView(never),
	} {
		t.Run(name, func(t *testing.T) {
			servertest.OverEach(t, router, func(t *testing.T, srv *servertest.Server) {
				for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
					req, err := http.NewRequest(method, srv.URL+"/a", strings.NewReader("body"))
					if err != nil {
						t.Fatal(err)
					}
					resp, err := srv.Client().Do(req)
					if err != nil {
						t.Fatal(err)
					}
					_, err = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					// chi has a field for each method, others have a list.
					allow := strings.Join(resp.Header.Values("Allow"), ", ")
					if resp.StatusCode != http.StatusMethodNotAllowed || allow != "GET, HEAD" && allow != "HEAD, GET" || err != nil {
						t.Errorf("%s: %s, Allow: %s, %v", method, resp.Status, allow, err)
					}
				}
			})
		})
	}
}

func TestMountRefuses(t *testing.T) {
	var noMux *chi.Mux
	for _, tt := range []struct {
		reason string
		router views.Router
		view   views.DownloadView
		want   string
	}{
		{"no router", nil, textView{}, "views: Mount: the router is nil"},
		{"a nil pointer to one", noMux, textView{}, "views: Mount: the router is nil"},
		{"no view", chi.NewRouter(), nil, "the view is nil"},
		{"a nil function", chi.NewRouter(), views.FileFunc(nil), "the view is nil"},
		{"a hook that would not be called", chi.NewRouter(), wrongOptionsView{}, "wrongOptionsView.GetOptions"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			mustPanic(t, func() { views.Mount(tt.router, "/", tt.view) }, tt.want)
		})
	}
}
