package offload_test

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// middleware returns middleware with the given rules.
func middleware(t *testing.T, server offload.Server, rules ...offload.Rule) *offload.Middleware {
	t.Helper()
	m, err := offload.New(server, offload.Options{Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// writeFile writes a file, with its directories.
func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serving returns a handler that serves the one file that open returns.
func serving(open func() (fs.File, error)) http.Handler {
	return views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) { return open() }))
}

func opening(path string) http.Handler {
	return serving(func() (fs.File, error) { return os.Open(path) })
}

// ask asks h over a real connection, with header lines.
func ask(t *testing.T, h http.Handler, method string, header ...string) *http.Response {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range header {
		if key, value, ok := strings.Cut(line, ": "); ok {
			req.Header.Set(key, value)
		}
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

// place returns where the answer says that the file is, "" if the application
// sends it.
func place(resp *http.Response) string {
	return resp.Header.Get("X-Accel-Redirect") + resp.Header.Get("X-Sendfile")
}

// reasons collects what the debug log says, until the test has ended.
func reasons(t *testing.T) *strings.Builder {
	t.Helper()
	var log strings.Builder
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(old) })
	return &log
}

// outcomeOf returns a handler that serves the file of path, and how the answer
// ended.
func outcomeOf(path string) (http.Handler, *response.Outcome) {
	var outcome response.Outcome
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		views.SendFile(w, r, path, response.Options{OnDone: func(_ *http.Request, o response.Outcome) { outcome = o }})
	}), &outcome
}
