package signing_test

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/signing"
)

// TestVerifyRefuses changes a link in ways that somebody thought of.
func TestVerifyRefuses(t *testing.T) {
	s := newSigner(t)
	link := sign(t, s, "/f/a%2Fb/x.txt?n=1&m=%C3%BC")
	query, signature := "m=%C3%BC&n=1&expires=1767272400", "&signature="+link.Query().Get("signature")
	other := sign(t, s, "/f/y.txt")
	tests := []struct{ reason, target string }{
		{"nothing", "/f/a%2Fb/x.txt"},
		{"no signature", "/f/a%2Fb/x.txt?" + query},
		{"an empty one", "/f/a%2Fb/x.txt?" + query + "&signature="},
		{"no expiry", "/f/a%2Fb/x.txt?m=%C3%BC&n=1" + signature},
		{"another path", "/f/a%2Fb/y.txt?" + query + signature},
		{"a longer path", "/f/a%2Fb/x.txt/?" + query + signature},
		{"the case of a letter", "/f/a%2Fb/X.txt?" + query + signature},
		{"a slash for an escaped slash", "/f/a/b/x.txt?" + query + signature},
		{"an escaped slash for a slash", "/f%2Fa%2Fb/x.txt?" + query + signature},
		{"escaped twice", "/f/a%252Fb/x.txt?" + query + signature},
		{"a bare quotation mark before an escaped slash", `/f/"%2Fb/x.txt?` + query + signature},
		{"two slashes", "//f/a%2Fb/x.txt?" + query + signature},
		{"two slashes inside", "/f//a%2Fb/x.txt?" + query + signature},
		{"a host in the path", "//evil.example/f/a%2Fb/x.txt?" + query + signature},
		{"a dot segment", "/f/./a%2Fb/x.txt?" + query + signature},
		{"two dots", "/f/q/../a%2Fb/x.txt?" + query + signature},
		{"two dots in disguise", "/f/q/%2e%2e/a%2Fb/x.txt?" + query + signature},
		{"a fragment behind the path", "/f/a%2Fb/x.txt#?" + query + signature},
		{"a fragment behind the query", "/f/a%2Fb/x.txt?" + query + signature + "#"},
		{"a parameter changed", "/f/a%2Fb/x.txt?" + strings.Replace(query, "n=1", "n=2", 1) + signature},
		{"a parameter left out", "/f/a%2Fb/x.txt?" + strings.Replace(query, "&n=1", "", 1) + signature},
		{"a parameter added", "/f/a%2Fb/x.txt?" + query + signature + "&utm_source=mail"},
		{"a parameter doubled", "/f/a%2Fb/x.txt?" + query + signature + "&n=1"},
		{"a later expiry", "/f/a%2Fb/x.txt?" + strings.Replace(query, "expires=1767272400", "expires=1767272401", 1) + signature},
		{"an expiry with a sign", "/f/a%2Fb/x.txt?" + strings.Replace(query, "expires=", "expires=%2B", 1) + signature},
		{"an expiry that is no number", "/f/a%2Fb/x.txt?" + strings.Replace(query, "1767272400", "tomorrow", 1) + signature},
		{"a negative expiry", "/f/a%2Fb/x.txt?" + strings.Replace(query, "1767272400", "-1", 1) + signature},
		{"an expiry beyond int64", "/f/a%2Fb/x.txt?" + strings.Replace(query, "1767272400", "9223372036854775808", 1) + signature},
		{"the expiry doubled", "/f/a%2Fb/x.txt?" + query + "&expires=1767272400" + signature},
		{"the signature doubled", "/f/a%2Fb/x.txt?" + query + signature + signature},
		{"the signature of another link", "/f/a%2Fb/x.txt?" + query + "&signature=" + other.Query().Get("signature")},
		{"the signature padded", "/f/a%2Fb/x.txt?" + query + signature + "%3D"},
		{"the signature with a line break, which base64 decoders pass over", "/f/a%2Fb/x.txt?" + query + signature + "%0A"},
		{"a semicolon between parameters", "/f/a%2Fb/x.txt?" + strings.ReplaceAll(query, "&", ";") + signature},
		{"a semicolon behind them", "/f/a%2Fb/x.txt?" + query + signature + ";"},
		{"a malformed escape", "/f/a%2Fb/x.txt?" + query + signature + "&%zz"},
		{"more than 8 KiB, though all that is too much means nothing", "/f/a%2Fb/x.txt?" + query + signature + strings.Repeat("&", 8<<10)},
		{"64 KiB of query", "/f/a%2Fb/x.txt?" + query + signature + strings.Repeat("&", 64<<10)},
		{"no target that has a path", "*"},
	}
	for _, tt := range tests {
		err := verify(t, s, tt.target)
		if err == nil || response.Status(err) != http.StatusForbidden || errors.Is(err, signing.ErrExpired) {
			t.Errorf("%s: got %v, want an error that comes to 403", tt.reason, err)
		}
	}
	// A bare quotation mark makes net/url take "%2F" for a slash, as if it were
	// the other path.
	quoted := sign(t, s, "/f/%22/b")
	if err := verify(t, s, `/f/"%2Fb?`+quoted.RawQuery); response.Status(err) != http.StatusForbidden {
		t.Errorf("an escaped slash beside a bare quotation mark: got %v, want an error that comes to 403", err)
	}
	if err := verify(t, s, `/f/"/b?`+quoted.RawQuery); err != nil {
		t.Errorf("a bare quotation mark: %v", err)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "get"} {
		r, err := request(method, link.String())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(r); response.Status(err) != http.StatusForbidden {
			t.Errorf("%s: got %v, want an error that comes to 403", method, err)
		}
	}
	if err := verify(t, new(signing.Signer), link.String()); response.Status(err) != http.StatusForbidden {
		t.Errorf("a Signer without a key: got %v, want an error that comes to 403", err)
	}
}

// TestVerifyAccepts has the other spellings of a link.
func TestVerifyAccepts(t *testing.T) {
	s := newSigner(t)
	link := sign(t, s, "/f/a%2Fb/x~y.txt?n=1&m=%C3%BC%20&k")
	signature := "signature=" + link.Query().Get("signature")
	for _, tt := range []struct{ reason, target string }{
		{"as it is", link.String()},
		{"another order", "/f/a%2Fb/x~y.txt?" + signature + "&n=1&m=%C3%BC+&expires=1767272400&k="},
		{"escapes that need not be", "/%66/a%2Fb/x%7Ey.tx%74?%6e=%31&m=%C3%BC%20&k&expires=1767272400&" + signature},
		{"small letters in escapes", "/f/a%2fb/x~y.txt?n=1&m=%c3%bc%20&k&expires=1767272400&" + signature},
		{"no escapes where they are due", "/f/a%2Fb/x~y.txt?n=1&m=ü+&k&expires=1767272400&" + signature},
		{"empty parameters", link.String() + "&&"},
		{"scheme and host", "http://proxy.example:8080" + link.String()},
	} {
		if err := verify(t, s, tt.target); err != nil {
			t.Errorf("%s: %v", tt.reason, err)
		}
	}
	r, err := http.NewRequest(http.MethodGet, link.String(), nil) // has no RequestURI
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(r); err != nil {
		t.Errorf("a request that no server has read: %v", err)
	}
}

func TestExpiry(t *testing.T) {
	expires := noon.Add(time.Hour)
	for _, tt := range []struct {
		reason       string
		expires, now time.Time
		status       int // 0: it verifies
	}{
		{"just signed", expires, noon, 0},
		{"before it was signed, by a slow clock", expires, noon.Add(-time.Hour), 0},
		{"the last nanosecond", expires, expires.Add(-1), 0},
		{"the second of expiry", expires, expires, 410},
		{"much later", expires, expires.AddDate(100, 0, 0), 410},
		{"expiries are whole seconds", expires.Add(time.Second - 1), expires, 410},
		{"the time zone does not count", expires.In(time.FixedZone("", 3600)), expires.Add(-1), 0},
		{"the last second there is", time.Unix(math.MaxInt64, 0), noon, 0},
	} {
		s := newSigner(t)
		link, err := s.Sign(&url.URL{Path: "/a"}, tt.expires)
		if err != nil {
			t.Errorf("%s: %v", tt.reason, err)
			continue
		}
		s = signerAt(t, tt.now)
		err = verify(t, s, link.String())
		status := 0
		if err != nil {
			status = response.Status(err)
		}
		if status != tt.status || errors.Is(err, signing.ErrExpired) != (status == http.StatusGone) {
			t.Errorf("%s: got %v, which comes to %d, want %d", tt.reason, err, status, tt.status)
		}
		// Who never had a true link must not learn that one has expired.
		if err := verify(t, s, strings.Replace(link.String(), "/a", "/b", 1)); response.Status(err) != http.StatusForbidden {
			t.Errorf("%s, another path: got %v, want an error that comes to 403", tt.reason, err)
		}
	}
}

func TestTheClockIsTheSystemsByDefault(t *testing.T) {
	s, err := signing.NewSigner(signing.Options{Keys: [][]byte{key(0)}})
	if err != nil {
		t.Fatal(err)
	}
	link, err := s.Sign(&url.URL{Path: "/a"}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(t, s, link.String()); err != nil {
		t.Error(err)
	}
	if _, err := s.Sign(&url.URL{Path: "/a"}, time.Now().Add(-time.Hour)); err == nil {
		t.Error("a link that has expired is signed")
	}
}

// The parameters of a link are the signed ones, and no content may bring others:
// FormValue reads it, of any request that says it is a form.
func TestContentIsRefused(t *testing.T) {
	s := newSigner(t)
	link := sign(t, s, "/a?user=7").String()
	const form = "--x\r\nContent-Disposition: form-data; name=\"admin\"\r\n\r\n1\r\n--x--\r\n"
	for _, tt := range []struct {
		reason, contentType, body string
		chunked                   bool
		status                    int
	}{
		{"a form", "multipart/form-data; boundary=x", form, false, 403},
		{"a form in chunks", "multipart/form-data; boundary=x", form, true, 403},
		{"JSON", "application/json", "{}", false, 403},
		{"a type and no content, as some clients send", "application/json", "", false, 200},
		{"content of no type, which is no form", "", form, false, 200},
		{"over HTTP/2 a proxy may not say that there is none", "", "", true, 200},
	} {
		r := httptest.NewRequest(http.MethodGet, link, strings.NewReader(tt.body))
		if tt.contentType != "" {
			r.Header.Set("Content-Type", tt.contentType)
		}
		if tt.chunked {
			r.ContentLength = -1
		}
		w := httptest.NewRecorder()
		s.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.FormValue("user") != "7" || r.FormValue("admin") != "" {
				t.Errorf("%s: the form is %v", tt.reason, r.Form)
			}
		})).ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("%s: %d, want %d", tt.reason, w.Code, tt.status)
		}
	}
}
