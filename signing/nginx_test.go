package signing_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/signing"
)

// startNginx runs nginx with the given configuration of a server, and returns
// where that listens.
func startNginx(t *testing.T, server string) net.Addr {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program = "/usr/sbin/nginx"; !exists(program) {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip("nginx is not installed")
		}
	}
	dir := t.TempDir()
	user := "" // the workers may become another user, who cannot read dir
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	var temporary strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temporary, "\t%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	conf := fmt.Sprintf("%s\ndaemon off;\nworker_processes 1;\npid %s;\nerror_log stderr;\nevents {}\nhttp {\n\taccess_log off;\n%s"+
		"\tserver {\n\t\tlisten unix:%s;\n%s\n\t}\n}\n",
		user, filepath.Join(dir, "pid"), temporary.String(), filepath.Join(dir, "socket"), server)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(program, "-p", dir, "-c", file, "-e", "stderr")
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // that a signal ended it is what is meant to be
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		<-ended
		if t.Failed() {
			t.Logf("nginx: %s", log.Bytes())
		}
	})
	addr := &net.UnixAddr{Net: "unix", Name: filepath.Join(dir, "socket")}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial(addr.Network(), addr.String())
		if err == nil {
			conn.Close()
			return addr
		}
		select {
		case <-ended:
			t.Fatal("nginx did not start")
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("nginx does not listen: %v", err)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestNamesBehindNginx signs each name, and has it verified behind nginx.
func TestNamesBehindNginx(t *testing.T) {
	for _, tt := range []struct {
		reason, location string
		prefix           string // of the Signer
		signed, asked    string // what the path begins with
		pathIsDecoded    bool
	}{
		{"no URI in proxy_pass: nginx passes on what it got", "location /f/ { proxy_pass http://UP; }", "", "/f/", "/f/", false},
		{"a URI, so nginx decodes and escapes anew", "location /f/ { proxy_pass http://UP/f/; }", "", "/f/", "/f/", true},
		{"a URI that removes a prefix", "location /app/ { proxy_pass http://UP/; }", "/app", "/app/f/", "/app/f/", true},
		{"a URI that replaces a prefix, which the link gets after it was signed",
			"location /public/ { proxy_pass http://UP/f/; }", "", "/f/", "/public/", true},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			s := newSigner(t)
			s.Prefix = tt.prefix
			mux := http.NewServeMux()
			mux.Handle("GET /f/{name}", s.Wrap(nameOf(func(r *http.Request) string { return r.PathValue("name") })))
			srv := httptest.NewServer(mux)
			defer srv.Close()
			nginx := startNginx(t, strings.ReplaceAll(tt.location, "UP", srv.Listener.Addr().String()))
			for _, name := range names {
				link := sign(t, s, tt.signed+url.PathEscape(name)+"?user=7")
				got := ask(t, nginx, strings.Replace(link.RequestURI(), tt.signed, tt.asked, 1))
				if tt.pathIsDecoded && strings.Contains(name, "/") {
					if got.Status == http.StatusOK {
						t.Errorf("%q: nginx makes a slash of it, which is another path: %d %q", name, got.Status, got.Body)
					}
					continue
				}
				if got.Status != http.StatusOK || got.Body != name {
					t.Errorf("%q: %d %q", name, got.Status, got.Body)
				}
			}
		})
	}
}

// TestAuthRequest has nginx serve files, and ask a program whether it may.
func TestAuthRequest(t *testing.T) {
	s := newSigner(t)
	srv := httptest.NewServer(answerAuthRequest(s))
	defer srv.Close()
	root := t.TempDir()
	nginx := startNginx(t, `
		location /private/ {
			auth_request /verify;
			root `+root+`;
		}
		location = /verify {
			internal;
			proxy_pass http://`+srv.Listener.Addr().String()+`$request_uri;
			proxy_pass_request_body off;
			proxy_set_header Content-Length "";
		}`)
	for _, name := range names {
		if strings.Contains(name, "/") {
			continue // a name in a directory has none
		}
		writeFile(t, filepath.Join(root, "private", name), name)
		link := sign(t, s, "/private/"+url.PathEscape(name)+"?user=7").RequestURI()
		if got := ask(t, nginx, link); got.Status != http.StatusOK || got.Body != name {
			t.Errorf("%q: %d %q", name, got.Status, got.Body)
		}
		if got := ask(t, nginx, link+"&user=8"); got.Status != http.StatusForbidden {
			t.Errorf("%q, changed: %d, want 403", name, got.Status)
		}
	}
	expired, err := s.Sign(&url.URL{Path: "/private/report.pdf"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, nginx, expired.String()); got.Status != http.StatusForbidden {
		t.Errorf("expired: %d, want 403", got.Status)
	}
}

// writeFile writes a file and the directories above it.
func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSecureLinkMD5 has nginx verify links by itself.
func TestSecureLinkMD5(t *testing.T) {
	const secret = "0123456789abcdefghijklmnopqrstuv"
	root := t.TempDir()
	nginx := startNginx(t, `
		location /private/ {
			secure_link $arg_signature,$arg_expires;
			secure_link_md5 "$secure_link_expires$uri `+secret+`";
			if ($secure_link = "")  { return 403; }
			if ($secure_link = "0") { return 410; }
			root `+root+`;
		}`)
	link := func(name string, after time.Duration) string {
		t.Helper()
		u, err := signing.SecureLinkMD5(&url.URL{Path: "/private/" + name}, time.Now().Add(after), secret)
		if err != nil {
			t.Fatal(err)
		}
		return u.RequestURI()
	}
	for _, name := range names {
		if strings.Contains(name, "..") && strings.Contains(name, "/") {
			continue // is refused
		}
		writeFile(t, filepath.Join(root, "private", filepath.FromSlash(name)), name)
		if got := ask(t, nginx, link(name, time.Hour)); got.Status != http.StatusOK || got.Body != name {
			t.Errorf("%q: %d %q", name, got.Status, got.Body)
		}
		if got := ask(t, nginx, link(name, -time.Hour)); got.Status != http.StatusGone {
			t.Errorf("%q, expired: %d %q", name, got.Status, got.Body)
		}
	}
	good := link("report.pdf", time.Hour)
	guessed, err := signing.SecureLinkMD5(&url.URL{Path: "/private/report.pdf"}, time.Now().Add(time.Hour), secret+"w")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		reason, target string
		want           int
	}{
		{"not signed", "/private/report.pdf", 403},
		{"another path", strings.Replace(good, "report.pdf", ".hidden", 1), 403},
		{"a later expiry", strings.Replace(good, "expires=", "expires=1", 1), 403},
		{"another secret", guessed.RequestURI(), 403},
		{"a parameter more, which nginx does not notice", good + "&disposition=inline", 200},
		{"more slashes, which it does not notice either", strings.Replace(good, "/private/", "/private//", 1), 200},
	} {
		if got := ask(t, nginx, tt.target); got.Status != tt.want {
			t.Errorf("%s: %d, want %d", tt.reason, got.Status, tt.want)
		}
	}
}

func TestSecureLinkMD5Vector(t *testing.T) {
	u := &url.URL{Scheme: "https", Host: "example.com", Path: "/private/naïve 100%.txt"}
	link, err := signing.SecureLinkMD5(u, time.Unix(1767225600, 0), "0123456789abcdefghijklmnopqrstuv")
	if err != nil {
		t.Fatal(err)
	}
	const want = "https://example.com/private/na%C3%AFve%20100%25.txt?expires=1767225600&signature=ULv0QckfBHSuHRWA_MbGKQ"
	if link.String() != want || u.RawQuery != "" {
		t.Errorf("got  %s\nwant %s", link, want)
	}
}

func TestSecureLinkMD5Refuses(t *testing.T) {
	const secret = "0123456789abcdefghijklmnopqrstuv"
	for _, tt := range []struct {
		reason  string
		u       url.URL
		expires time.Time
		secret  string
	}{
		{"no secret", url.URL{Path: "/a"}, noon, ""},
		{"a short secret", url.URL{Path: "/a"}, noon, secret[1:]},
		{"a secret with a variable of nginx in it", url.URL{Path: "/a"}, noon, secret + "$host"},
		{"a secret that ends a string", url.URL{Path: "/a"}, noon, secret + `"`},
		{"a secret that is no ASCII", url.URL{Path: "/a"}, noon, secret + "ű"},
		{"no path", url.URL{Host: "example.com"}, noon, secret},
		{"a relative path", url.URL{Path: "a"}, noon, secret},
		{"something opaque", url.URL{Scheme: "mailto", Opaque: "ada@example.com"}, noon, secret},
		{"two slashes", url.URL{Path: "//evil.example/a"}, noon, secret},
		{"two slashes inside", url.URL{Path: "/a//b"}, noon, secret},
		{"a dot segment", url.URL{Path: "/a/../b"}, noon, secret},
		{"an escaped one", url.URL{Path: "/a/../b", RawPath: "/a%2F..%2Fb"}, noon, secret},
		{"NUL", url.URL{Path: "/a\x00"}, noon, secret},
		{"a query, which nginx does not cover", url.URL{Path: "/a", RawQuery: "user=7"}, noon, secret},
		{"a fragment", url.URL{Path: "/a", Fragment: "page=3"}, noon, secret},
		{"no time", url.URL{Path: "/a"}, time.Time{}, secret},
	} {
		link, err := signing.SecureLinkMD5(&tt.u, tt.expires, tt.secret)
		if link != nil || err == nil || !strings.HasPrefix(err.Error(), "signing: SecureLinkMD5: ") {
			t.Errorf("%s: got %v, %v, want an error", tt.reason, link, err)
		}
		if err != nil && len(tt.secret) > 0 && strings.Contains(err.Error(), tt.secret) {
			t.Errorf("%s: the secret is in the error: %v", tt.reason, err)
		}
	}
}
