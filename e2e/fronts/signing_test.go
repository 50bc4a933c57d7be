package fronts_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/signing"
)

func newSigner(t *testing.T, prefix string, now func() time.Time) *signing.Signer {
	t.Helper()
	s, err := signing.NewSigner(signing.Options{Keys: [][]byte{[]byte("32 random bytes, or more of them")}, Prefix: prefix, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sign returns what a client asks for by a link: to path, for an hour.
func sign(t *testing.T, s *signing.Signer, path string) string {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	link, err := s.Sign(u, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return link.RequestURI()
}

func yesterday() time.Time { return time.Now().AddDate(0, 0, -1) }

// What a link gives access to is sent by nginx, and nothing else is.
func TestSignedAndHandedOver(t *testing.T) {
	front := fronts.NGINX()
	front.Program(t)
	dir := fronts.Dir(t)
	writeFile(t, filepath.Join(dir, "a b%.txt"), content)
	s := newSigner(t, "", nil)
	h, err := newPrivateFiles(dir, s)
	if err != nil {
		t.Fatal(err)
	}
	app := httptest.NewServer(h)
	defer app.Close()
	base := front.Start(t, app.Listener.Addr().String(), dir)
	link := sign(t, s, "/private/a%20b%25.txt")
	old, err := newSigner(t, "", yesterday).Sign(&url.URL{Path: "/private/a b%.txt"}, time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	query := link[strings.Index(link, "?"):]
	for _, tt := range []struct {
		reason, target, header string
		status                 int
		body                   string // "": any
	}{
		{"a link", link, "", 200, content},
		{"a range", link, "Range: bytes=0-1", 206, "01"},
		{"no link", "/private/a%20b%25.txt", "", 403, ""},
		{"another file", "/private/b.txt" + query, "", 403, ""},
		{"expired", old.RequestURI(), "", 410, ""},
		{"nginx's own location", "/protected/a%20b%25.txt" + query, "", 404, ""},
	} {
		resp, body := get(t, "GET", base+tt.target, tt.header)
		if resp.StatusCode != tt.status || tt.body != "" && body != tt.body || tt.body == "" && strings.Contains(body, "0123") {
			t.Errorf("%s: status %d, %q, want %d", tt.reason, resp.StatusCode, body, tt.status)
		}
		h := resp.Header
		if tt.status < 300 && (!strings.HasPrefix(h.Get("Cache-Control"), "private, max-age=3") || h.Get("Referrer-Policy") != "no-referrer") {
			t.Errorf("%s: header %v", tt.reason, h)
		}
		if resp.StatusCode < 300 && !regexp.MustCompile(`^"[0-9a-f]+-[0-9a-f]+"$`).MatchString(h.Get("ETag")) {
			t.Errorf("%s: the ETag %s is not nginx's", tt.reason, h.Get("ETag"))
		}
	}
}

// Links verify behind each form of proxy_pass.
func TestSignedNames(t *testing.T) {
	front := fronts.NGINX()
	front.Program(t)
	for _, tt := range []struct {
		reason, location string
		prefix           string // of the Signer
		signed, asked    string // the beginning of the path
		pathIsDecoded    bool
	}{
		{"no URI in proxy_pass: nginx passes on what it got", "location /f/ { proxy_pass http://UP; }", "", "/f/", "/f/", false},
		{"a URI, so nginx decodes and escapes anew", "location /f/ { proxy_pass http://UP/f/; }", "", "/f/", "/f/", true},
		{"a URI that removes a prefix", "location /app/ { proxy_pass http://UP/; }", "/app", "/app/f/", "/app/f/", true},
		{"a URI that replaces a prefix, which the link gets after it was signed",
			"location /public/ { proxy_pass http://UP/f/; }", "", "/f/", "/public/", true},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			s := newSigner(t, tt.prefix, nil)
			mux := http.NewServeMux()
			mux.Handle("GET /f/{name}", s.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Write([]byte(r.PathValue("name")))
			})))
			app := httptest.NewServer(mux)
			defer app.Close()
			base := front.StartWith(t, func(address string) string {
				return "server { listen " + address + "; " + strings.ReplaceAll(tt.location, "UP", app.Listener.Addr().String()) + " }"
			})
			for _, name := range names {
				link := strings.Replace(sign(t, s, tt.signed+url.PathEscape(name)+"?user=7"), tt.signed, tt.asked, 1)
				resp, body := get(t, "GET", base+link)
				if tt.pathIsDecoded && strings.Contains(name, "/") {
					if resp.StatusCode == http.StatusOK {
						t.Errorf("%q: nginx makes a slash of it, which is another path: %q", name, body)
					}
				} else if resp.StatusCode != http.StatusOK || body != name {
					t.Errorf("%q: %d %q", name, resp.StatusCode, body)
				}
			}
		})
	}
}

// nginx serves files, and asks the application whether it may.
func TestAuthRequest(t *testing.T) {
	front := fronts.NGINXWith("nginx-auth-request.conf")
	front.Program(t)
	s := newSigner(t, "", nil)
	app := httptest.NewServer(answerAuthRequest(s))
	defer app.Close()
	dir := fronts.Dir(t)
	base := front.Start(t, app.Listener.Addr().String(), dir)
	for _, name := range names {
		if strings.HasPrefix(name, "index.") { // of a directory: not of these, which have other names beside it
			continue
		}
		writeFile(t, filepath.Join(dir, "private", name), name)
		link := base + sign(t, s, "/private/"+escapePath(name)+"?user=7")
		if resp, body := get(t, "GET", link); resp.StatusCode != http.StatusOK || body != name || resp.Header.Get("Cache-Control") != "private" {
			t.Errorf("%q: %d %q %v", name, resp.StatusCode, body, resp.Header)
		}
		if resp, _ := get(t, "GET", link+"&user=8"); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%q, changed: %d, want 403", name, resp.StatusCode)
		}
	}
	old, err := newSigner(t, "", yesterday).Sign(&url.URL{Path: "/private/plain.txt"}, time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{old.RequestURI(), "/private/plain.txt", "/verify"} {
		if resp, _ := get(t, "GET", base+target); resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 403 or 404", target, resp.StatusCode)
		}
	}
}

// escapePath escapes the segments of a path.
func escapePath(path string) string { return strings.ReplaceAll(url.PathEscape(path), "%2F", "/") }

// nginx verifies links by itself.
func TestSecureLink(t *testing.T) {
	front := fronts.NGINXWith("nginx-secure-link.conf")
	front.Program(t)
	dir := fronts.Dir(t)
	config := front.Configuration(t, "", dir, "")
	secret := regexp.MustCompile(`\$uri ([0-9a-f]{32,})"`).FindStringSubmatch(config)[1]
	base := front.Start(t, "", dir)
	link := func(name string, after time.Duration, secret string) string {
		return secureLink(&url.URL{Path: "/private/" + name}, time.Now().Add(after), secret).RequestURI()
	}
	for _, name := range names {
		writeFile(t, filepath.Join(dir, "private", name), name)
		if resp, body := get(t, "GET", base+link(name, time.Hour, secret)); resp.StatusCode != http.StatusOK || body != name {
			t.Errorf("%q: %d %q", name, resp.StatusCode, body)
		}
		if resp, _ := get(t, "GET", base+link(name, -time.Hour, secret)); resp.StatusCode != http.StatusGone {
			t.Errorf("%q, expired: %d", name, resp.StatusCode)
		}
	}
	good := link("plain.txt", time.Hour, secret)
	for _, tt := range []struct {
		reason, target string
		want           int
	}{
		{"not signed", "/private/plain.txt", 403},
		{"another path", strings.Replace(good, "plain.txt", ".hidden", 1), 403},
		{"a later expiry", strings.Replace(good, "expires=", "expires=1", 1), 403},
		{"another secret", link("plain.txt", time.Hour, secret+"0"), 403},
		{"a parameter more, which nginx does not notice", good + "&disposition=inline", 200},
		{"more slashes, which it does not notice either", strings.Replace(good, "/private/", "/private//", 1), 200},
	} {
		if resp, _ := get(t, "GET", base+tt.target); resp.StatusCode != tt.want {
			t.Errorf("%s: %d, want %d", tt.reason, resp.StatusCode, tt.want)
		}
	}
}
