package recipes_test

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// logDownloads is middleware that writes a line for each download: an error if
// somebody should look, else information.
func logDownloads(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return response.Observe(next, func(r *http.Request, o response.Outcome) {
			level := slog.LevelInfo
			if o.Ending == response.Failed {
				level = slog.LevelError
			}
			log.Log(r.Context(), level, "download", "id", middleware.GetReqID(r.Context()), "path", r.URL.Path,
				"ending", o.Ending.String(), "status", o.Status, "bytes", o.Bytes, "duration", o.Duration, "err", o.Err)
		})
	}
}

// Log how downloads ended, with chi's request id.
func Example_requestID() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" {
			return slog.Attr{} // another at each run
		}
		return a
	}}))
	r := chi.NewRouter()
	r.Use(middleware.RequestID, logDownloads(log))
	views.Mount(r, "/tea", views.FileFunc(func(*http.Request) (fs.File, error) {
		return files.NewContentFile("Buy more tea.\n", "tea.txt"), nil
	}))
	views.Mount(r, "/coffee", views.FileFunc(func(*http.Request) (fs.File, error) { return nil, fs.ErrNotExist }))

	for _, path := range []string{"/tea", "/coffee"} {
		req := httptest.NewRequest("GET", path, nil)
		req.Header.Set("X-Request-Id", "42")
		r.ServeHTTP(httptest.NewRecorder(), req)
	}
	// Output:
	// level=INFO msg=download id=42 path=/tea ending=complete status=200 bytes=14 err=<nil>
	// level=INFO msg=download id=42 path=/coffee ending=refused status=404 bytes=0 err="file does not exist"
}
