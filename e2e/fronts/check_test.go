package fronts_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
)

// secure sets what an application might, and views leave alone.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		w.Header().Set("X-Frame-Options", "DENY")
		next.ServeHTTP(w, r)
	})
}

// The configurations of docs/offload.md have none of the faults that Check knows.
func TestCheckOfConfigurations(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		app := newApplication(t, front.Kind, front.Rule(dir), in(dir), secure)
		drain(t, app)
		url := front.Start(t, app.address, dir)
		if err := offload.Check(t.Context(), client, url+"/a.txt", "/protected/a.txt", "/protected../a.txt"); err != nil {
			t.Error(err)
		}
	})
}

// drain takes outcomes that nobody wants, until the test has ended.
func drain(t *testing.T, app *application) {
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-app.outcomes:
			case <-done:
				return
			}
		}
	}()
	t.Cleanup(func() { close(done) })
}

// Check finds in nginx what people forget.
func TestCheckFindsFaults(t *testing.T) {
	front := fronts.NGINX()
	front.Program(t)
	dir := fronts.Dir(t)
	writeOld(t, filepath.Join(dir, "a.txt"), content)
	app := newApplication(t, front.Kind, front.Rule(dir), in(dir), secure)
	drain(t, app)
	for _, tt := range []struct {
		reason, old, new string
		want             []string
	}{
		{"not internal", "internal;", "", []string{`needs "internal"`}},
		{"compressing", "gzip off;", "", []string{"the file is compressed"}},
		{"an add_header forgotten", "add_header Content-Security-Policy", "# ", []string{"Content-Security-Policy is lost"}},
		{"an add_header with a value", "add_header Content-Security-Policy $upstream_http_content_security_policy", "add_header Content-Security-Policy sandbox",
			[]string{`Content-Security-Policy is ["sandbox"] with the file`}},
		{"another directory", "alias ", "alias /nowhere", []string{"status 404"}},
		{"no ranges", "gzip off;", "gzip off; max_ranges 0;", []string{"a range is answered by all of the file"}},
		{"two tags", "gzip off;", "gzip off; etag off; add_header ETag $upstream_http_etag;", []string{"want 304"}},
		{"hidden", "gzip off;", "gzip off; } location = /a.txt { proxy_pass http://application; proxy_ignore_headers X-Accel-Redirect;", []string{"the file is empty"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			url := front.StartWith(t, func(address string) string {
				config := front.Configuration(t, app.address, dir, address)
				if !strings.Contains(config, tt.old) {
					t.Fatalf("the configuration has no %q", tt.old)
				}
				return strings.Replace(config, tt.old, tt.new, 1)
			})
			err := offload.Check(t.Context(), client, url+"/a.txt", "/protected/a.txt")
			if err == nil {
				t.Fatal("no fault found")
			}
			if got := strings.Split(err.Error(), "\n"); len(got) != len(tt.want) {
				t.Errorf("faults %q, want %d", got, len(tt.want))
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("faults %v, want %q", err, want)
				}
			}
		})
	}
}

// Middleware that compresses changes nothing of what is handed over.
func TestCompressingMiddleware(t *testing.T) {
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		app := newApplication(t, front.Kind, front.Rule(dir), in(dir), middleware.Compress(5))
		url := front.Start(t, app.address, dir) + "/a.txt"
		resp, body := get(t, "GET", url, "Accept-Encoding: gzip")
		coding := resp.Header.Get("Content-Encoding")
		if outcome := app.outcome(); body != content || outcome.Ending != response.HandedOver || coding != "" && coding != "identity" {
			t.Errorf("status %d, Content-Encoding %q, content %q", resp.StatusCode, coding, body)
		}
	})
}

// Who may not read a file in front gets no part of it.
func TestUnreadable(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("who runs the test and the servers is one user")
	}
	eachFront(t, func(t *testing.T, front fronts.Front, dir string) {
		if err := os.Chmod(filepath.Join(dir, "a.txt"), 0o600); err != nil {
			t.Fatal(err)
		}
		app := newApplication(t, front.Kind, front.Rule(dir), in(dir))
		url := front.Start(t, app.address, dir)
		resp, body := get(t, "GET", url+"/a.txt")
		if outcome := app.outcome(); resp.StatusCode != 403 && resp.StatusCode != 404 || strings.Contains(body, "0123") || outcome.Ending != response.HandedOver {
			t.Errorf("status %d, content %q", resp.StatusCode, body)
		}
	})
}
