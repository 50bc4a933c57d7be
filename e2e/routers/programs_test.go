package routers_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// mustHave skips the test if there is no such program, and fails it where all of
// them are to be there.
func mustHave(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v: it must be there where CI is set", err)
		}
		t.Skipf("%v: install Debian's package %s", err, program)
	}
}

// curl runs curl, and returns what it printed and its exit code.
func curl(t *testing.T, args ...string) (stdout []byte, code int) {
	t.Helper()
	mustHave(t, "curl")
	// -q: not what the user's curlrc says. -f: an error answer, such as the 502
	// of a proxy that lost its server, is a failure.
	cmd := exec.CommandContext(t.Context(), "curl", append([]string{"-q", "-fsS", "-k", "--compressed", "--max-time", "60"}, args...)...)
	stdout, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stdout, cmd.ProcessState.ExitCode()
}

// reports serves /whole and /broken behind s.
func reports(s stack, content string) http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("/whole", view(func() fs.File { return producing(content, ends) }))
	routes.HandleFunc("/broken", view(func() fs.File { return producing(content, fails) }))
	return s.wrap(routes.ServeHTTP)
}

// checkCurl downloads /whole and /broken: the first is to be content, the second
// to fail.
func checkCurl(t *testing.T, content, url string, args ...string) {
	t.Helper()
	if stdout, code := curl(t, append(args, url+"/whole")...); code != 0 || string(stdout) != content {
		t.Errorf("a whole download: exit code %d, %d bytes that end in %q", code, len(stdout), tail(string(stdout)))
	}
	if stdout, code := curl(t, append(args, url+"/broken")...); code == 0 || !bytes.HasPrefix([]byte(content), stdout) {
		t.Errorf("a broken download: exit code %d, %d bytes that end in %q", code, len(stdout), tail(string(stdout)))
	}
}

func TestCurl(t *testing.T) {
	overEachStack(t, func(t *testing.T, s stack) {
		content := rows(s.size)
		h := reports(s, content)
		plain, secure := httptest.NewUnstartedServer(h), httptest.NewUnstartedServer(h)
		plain.Config.ErrorLog, secure.Config.ErrorLog = quiet, quiet
		plain.Start()
		defer plain.Close()
		secure.EnableHTTP2 = true
		secure.StartTLS()
		defer secure.Close()
		for _, version := range []string{"-0", "--http1.1", "--http2"} {
			t.Run(version, func(t *testing.T) {
				if version != "--http2" {
					checkCurl(t, content, plain.URL, version)
				}
				// Without ALPN the server refuses nobody, and HTTP/2 needs it.
				alpn := "--no-alpn"
				if version == "--http2" {
					alpn = "--alpn"
				}
				checkCurl(t, content, secure.URL, version, alpn)
			})
		}
	})
}

// proxies are the ways in which nginx asks a server. The first is what it does
// unless it is told otherwise: before version 1.29.7 that is HTTP/1.0, and a
// connection for each request.
var proxies = []struct {
	name   string
	config string
	keeps  bool // the connection to the server
}{
	{"proxy_pass alone", "", false},
	{"HTTP/1.1", `proxy_http_version 1.1; proxy_set_header Connection "";`, true},
	{"HTTP/1.1 without buffering", `proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;`, true},
}

func TestNginx(t *testing.T) {
	mustHave(t, "nginx")
	for _, proxy := range proxies {
		t.Run(proxy.name, func(t *testing.T) {
			overEachStack(t, func(t *testing.T, s stack) {
				content := rows(s.size)
				h := reports(s, content)
				clients := &sync.Map{} // by address
				srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/whole" {
						clients.Store(r.RemoteAddr, true)
					}
					h.ServeHTTP(w, r)
				}))
				srv.Config.ErrorLog = quiet
				srv.Start()
				defer srv.Close()
				socket := startNginx(t, srv.Listener.Addr().String(), "proxy_pass http://app;"+proxy.config)
				// By HTTP/1.0 nginx would end what broke off in good order.
				checkCurl(t, content, "http://nginx", "--unix-socket", socket, "--http1.1")
				if !proxy.keeps {
					return
				}
				clients.Clear()
				_, code := curl(t, "--unix-socket", socket, "http://nginx/whole", "http://nginx/whole")
				connections := 0
				clients.Range(func(any, any) bool { connections++; return true })
				if code != 0 || connections != 1 {
					t.Errorf("exit code %d, %d connections for two downloads, want 1", code, connections)
				}
			})
		})
	}
}

// startNginx runs nginx with that location, for the server at upstream, which is
// called app, until the test ends. It returns the path of the socket where it
// listens.
func startNginx(t *testing.T, upstream, location string) string {
	t.Helper()
	// Not t.TempDir, whose path is too long for a socket.
	dir, err := os.MkdirTemp("", "nginx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "socket")
	conf := filepath.Join(dir, "nginx.conf")
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // else its workers may not write to dir
	}
	err = os.WriteFile(conf, fmt.Appendf(nil, `
		%s
		daemon off;
		worker_processes 1;
		pid %[2]s/pid;
		error_log stderr crit;
		events {}
		http {
			access_log off;
			client_body_temp_path %[2]s/body;
			proxy_temp_path %[2]s/proxy;
			fastcgi_temp_path %[2]s/fastcgi;
			uwsgi_temp_path %[2]s/uwsgi;
			scgi_temp_path %[2]s/scgi;
			upstream app { server %[3]s; keepalive 4; }
			server {
				listen unix:%[4]s;
				location / { %[5]s }
			}
		}
	`, user, dir, upstream, socket, location), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command("nginx", "-p", dir, "-e", "stderr", "-c", conf)
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it takes its worker with it
		<-exited
	})
	for begun := time.Now(); ; {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
			return socket
		}
		select {
		case <-exited:
			t.Fatalf("nginx ended: %s", &stderr)
		case <-time.After(10 * time.Millisecond): // it does not tell when it listens
		}
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("nginx does not listen: %v, %s", err, &stderr)
		}
	}
}
