package routers_test

import (
	"bytes"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/fcgi"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// All that HTTP demands of a download, over HTTP/3 too: ranges, conditions, HEAD,
// multipart, clients that leave, failures.
func TestViewsOverHTTP3(t *testing.T) {
	stored := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(stored, []byte(rows(200<<10)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (fs.File, error){
		"in_memory": func() (fs.File, error) { return files.NewContentFile(rows(200<<10), "report.txt"), nil },
		"on_disk":   func() (fs.File, error) { return os.Open(stored) },
		"generated": func() (fs.File, error) { return producing(rows(200<<10), ends), nil },
		"generated_and_declared": func() (fs.File, error) {
			file := producing(rows(100<<10), ends)
			file.Size, file.ETag = 100<<10, `"v1"`
			return file, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			downloadtest.TestView(t, views.FileFunc(func(*http.Request) (fs.File, error) { return open() }),
				downloadtest.Over("HTTP3", startHTTP3), downloadtest.Through(recovered))
		})
	}
}

// recovered puts h behind gin and its recovery, which swallows the panic that ends
// a broken download.
func recovered(h http.Handler) http.Handler {
	engine := gin.Default()
	engine.HandleMethodNotAllowed = true
	engine.Any("/*path", gin.WrapH(h))
	return engine
}

// overHTTP3 returns a server of h over HTTP/3.
func overHTTP3(t *testing.T, h http.Handler) *servertest.Server {
	return servertest.StartBy(t, "HTTP/3.0", h, startHTTP3)
}

// Over HTTP/3 a client has its time for each piece, and one that stalls is let go.
func TestWriteTimeoutOverHTTP3(t *testing.T) {
	const size = 16 << 20
	for _, tt := range []struct {
		reason  string
		stalls  bool
		ending  response.Ending
		timeout time.Duration
	}{
		{"steady", false, response.Complete, 2 * time.Second},
		{"stalled", true, response.TimedOut, 200 * time.Millisecond},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			done := make(chan response.Outcome, 1)
			srv := overHTTP3(t, recovered(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				response.New(producing(rows(size), ends), response.Options{
					WriteTimeout: tt.timeout,
					OnDone:       func(_ *http.Request, o response.Outcome) { done <- o },
				}).ServeHTTP(w, r)
			})))
			resp, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var outcome response.Outcome
			if tt.stalls {
				outcome = <-done
			}
			n, err := io.Copy(io.Discard, resp.Body)
			if !tt.stalls {
				outcome = <-done
			}
			if outcome.Ending != tt.ending || (err == nil) != (tt.ending == response.Complete) {
				t.Errorf("%v (%v), the client has %d bytes, %v", outcome.Ending, outcome.Err, n, err)
			}
		})
	}
}

// A client that leaves stops the generator.
func TestClientThatLeavesOverHTTP3(t *testing.T) {
	stopped := make(chan struct{})
	srv := overHTTP3(t, recovered(view(func() fs.File {
		return files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string) bool) {
			defer close(stopped)
			for begun := time.Now(); time.Since(begun) < 10*time.Second && yield("row\n"); {
			}
		}), "report.txt")
	})))
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, resp.Body, 100); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	select {
	case <-stopped:
	case <-time.After(5 * time.Second):
		t.Error("the generator still runs")
	}
	srv.Wait()
}

// FastCGI has no recover and no sign of a broken body: whoever leaves, and
// whatever fails, the program goes on.
func TestFastCGI(t *testing.T) {
	mustHave(t, "nginx")
	mustHave(t, "curl")
	content := rows(32 << 20)
	routes := http.NewServeMux()
	for path, open := range map[string]func() fs.File{
		"/whole":  func() fs.File { return producing(content, ends) },
		"/broken": func() fs.File { return producing(content[:1<<20], fails) },
		"/panics": func() fs.File { return producing(content[:1<<20], panics) },
		"/sized": func() fs.File {
			file := producing(content[:1<<20], fails)
			file.Size = int64(len(content))
			return file
		},
	} {
		routes.HandleFunc(path, view(open))
	}
	socket := startFastCGI(t, routes)
	for range 3 {
		cmd := exec.CommandContext(t.Context(), "curl", "-q", "-sS", "--unix-socket", socket, "http://nginx/whole")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, stdout, 1000); err != nil {
			t.Error(err)
		}
		_ = cmd.Process.Kill() // it leaves
		_ = cmd.Wait()
	}
	for _, path := range []string{"/broken", "/panics"} { // what is documented: it looks whole
		curl(t, "--unix-socket", socket, "http://nginx"+path)
	}
	if _, code := curl(t, "--unix-socket", socket, "http://nginx/sized"); code == 0 {
		t.Error("content of known size that breaks off looks whole")
	}
	if got, code := curl(t, "--unix-socket", socket, "http://nginx/whole"); code != 0 || !bytes.Equal(got, []byte(content)) {
		t.Errorf("exit code %d, %d bytes of %d", code, len(got), len(content))
	}
}

// startFastCGI serves h to an nginx until the test ends, and returns the socket
// where that listens.
func startFastCGI(t *testing.T, h http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = fcgi.Serve(listener, h) // until the listener is closed
	}()
	t.Cleanup(func() { listener.Close(); <-served })
	return startNginx(t, listener.Addr().String(), `
		fastcgi_pass app;
		fastcgi_buffering off;
		fastcgi_param REQUEST_METHOD $request_method;
		fastcgi_param REQUEST_URI $request_uri;
		fastcgi_param SERVER_PROTOCOL $server_protocol;
		fastcgi_param HTTP_HOST $host;`)
}

// nginx asks by HTTP/1.0 unless it is told otherwise, and over a Unix socket nobody
// would see content of unknown size break off: it is refused. By HTTP/1.1 all is well.
func TestNginxOverAUnixSocket(t *testing.T) {
	mustHave(t, "nginx")
	content := rows(1 << 20)
	overEachStack(t, func(t *testing.T, s stack) {
		if s.size != 1<<20 {
			return // what compresses has an end of its own
		}
		h := reports(s, content)
		old := servertest.StartUnix(t, servertest.HTTP10, h)
		front := startNginx(t, "unix:"+old.Listener.Addr().String(), "proxy_pass http://app;")
		for _, path := range []string{"/whole", "/broken"} {
			// 22: an error answer. 505 is the server's word, and in its log.
			if got, code := curl(t, "--unix-socket", front, "http://nginx"+path); code != 22 {
				t.Errorf("%s: exit code %d, %d bytes, want 22", path, code, len(got))
			}
		}
		now := servertest.StartUnix(t, servertest.HTTP11, h)
		front = startNginx(t, "unix:"+now.Listener.Addr().String(), `proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";`)
		checkCurl(t, content, "http://nginx", "--unix-socket", front)
	})
}

// What httputil.ReverseProxy makes of a download that breaks off can be seen by
// HTTP/1.1. A client of HTTP/1.0 takes content of unknown size for whole.
func TestReverseProxy(t *testing.T) {
	content := rows(1 << 20)
	app := httptest.NewServer(reports(recovering[0], content))
	defer app.Close()
	target, err := url.Parse(app.URL)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	front.Config.ErrorLog = quiet
	front.Start()
	defer front.Close()
	for _, version := range []string{"--http1.1", "-0"} {
		_, code := curl(t, version, front.URL+"/broken")
		if (code != 0) != (version == "--http1.1") {
			t.Errorf("%s: exit code %d; is docs/middleware.md still right?", version, code)
		}
	}
}
