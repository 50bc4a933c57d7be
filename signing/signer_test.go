package signing_test

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/google/go-cmp/cmp"
)

// TestVectors holds links that are out there: they must verify after an upgrade.
// The signatures were computed by another program, in another language.
func TestVectors(t *testing.T) {
	for _, tt := range []struct {
		target  string
		expires int64
		want    string
	}{
		{"https://example.com/private/report.pdf", 1767225600,
			"https://example.com/private/report.pdf?expires=1767225600&signature=mGpY4lEkbP5Aqj7nX38hM_djbHdQ_o9b6yiToZ3Nix8"},
		{"/", 0, "/?expires=0&signature=J3yOkme3-sOoD7PZgg-NcxlU-czUqMn0y1Ku10ZvB3I"},
		{"/f/naïve 100%25.txt", 1767225600,
			"/f/na%C3%AFve%20100%25.txt?expires=1767225600&signature=uqyQNTk7M1xp6YOlwoeFDWdd-cckaWoalOGel8ZUibk"},
		{"/f/a%2Fb+c?user=7&disposition=inline", 1767225600,
			"/f/a%2Fb+c?disposition=inline&expires=1767225600&user=7&signature=EvwCNER_rzKlb7rqKaZPM0NYa57M3BvFFVLUEbS8lKw"},
		{"/f/x?b=%c3%bc%20%26&a=1&a=2", math.MaxInt64,
			"/f/x?a=1&a=2&b=%C3%BC+%26&expires=9223372036854775807&signature=Y47E7uB8RTH0SQ4oBg6poIwx3qPReDrUQzgVS72a5pQ"},
	} {
		s := newSigner(t)
		s.Now = func() time.Time { return time.Unix(tt.expires-1, 0) }
		u, err := url.Parse(tt.target)
		if err != nil {
			t.Fatal(err)
		}
		before := *u
		link, err := s.Sign(u, time.Unix(tt.expires, 0))
		if err != nil {
			t.Errorf("Sign(%s): %v", tt.target, err)
			continue
		}
		if link.String() != tt.want {
			t.Errorf("Sign(%s):\ngot  %s\nwant %s", tt.target, link, tt.want)
		}
		if diff := cmp.Diff(before, *u); diff != "" {
			t.Errorf("Sign(%s) changed it:\n%s", tt.target, diff)
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if err := s.Verify(httptest.NewRequest(method, tt.want, nil)); err != nil {
				t.Errorf("%s %s: %v", method, tt.want, err)
			}
		}
	}
}

func TestNewSignerRefuses(t *testing.T) {
	for _, tt := range []struct {
		reason string
		keys   [][]byte
		want   string
	}{
		{"no key", nil, "signing: NewSigner: no key"},
		{"nothing for a key, as an unset variable gives", [][]byte{nil}, "signing: NewSigner: key 1 has 0 bytes, and must have 32 at least"},
		{"a short key", [][]byte{key(0), key(1)[:31]}, "signing: NewSigner: key 2 has 31 bytes, and must have 32 at least"},
	} {
		if s, err := signing.NewSigner(tt.keys...); s != nil || err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, %v, want %s", tt.reason, s, err, tt.want)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	parse := func(target string) *url.URL {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	later := noon.Add(time.Hour)
	for _, tt := range []struct {
		reason  string
		u       *url.URL
		expires time.Time
		want    string // in the error
	}{
		{"no path", parse("https://example.com"), later, "begin with one slash"},
		{"a relative path", parse("a/b"), later, "begin with one slash"},
		{"two slashes without a host", &url.URL{Path: "//evil.example/x"}, later, "begin with one slash"},
		{"two slashes behind a host", parse("https://example.com//evil.example/x"), later, "begin with one slash"},
		{"no path, but something opaque", parse("mailto:ada@example.com"), later, "no path"},
		{"a dot segment", parse("/a/./b"), later, `a segment "."`},
		{"two dots", parse("/a/../b"), later, `a segment ".."`},
		{"two dots at the end", parse("/a/.."), later, `a segment ".."`},
		{"two dots in disguise", parse("/a/%2e%2E/b"), later, `a segment ".."`},
		{"a fragment", parse("/a#page=3"), later, "fragment"},
		{"a malformed query", parse("/a?b=%zz"), later, "malformed"},
		{"a semicolon", parse("/a?b=1;c=2"), later, "malformed"},
		{"it is signed already", sign(t, newSigner(t), "/a"), later, `"expires" already`},
		{"a parameter of that name", parse("/a?signature="), later, `"signature" already`},
		{"too long", parse("/a?b=" + strings.Repeat("x", 64<<10)), later, "may have 8192"},
		{"no time", parse("/a"), time.Time{}, "before 1970"},
		{"a negative time", parse("/a"), time.Unix(-1, 0), "before 1970"},
	} {
		link, err := newSigner(t).Sign(tt.u, tt.expires)
		if link != nil || err == nil || !strings.HasPrefix(err.Error(), "signing: Sign: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, %v, want an error with %q", tt.reason, link, err, tt.want)
		}
	}
	if _, err := new(signing.Signer).Sign(parse("/a"), later); err == nil {
		t.Error("a Signer without a key signs")
	}
}

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
		{"before it was signed, by a clock that is slow", expires, noon.Add(-time.Hour), 0},
		{"the last nanosecond", expires, expires.Add(-1), 0},
		{"the second of expiry", expires, expires, 410},
		{"much later", expires, expires.AddDate(100, 0, 0), 410},
		{"expiries are whole seconds", expires.Add(time.Second - 1), expires, 410},
		{"signed for the past", noon.Add(-time.Second), noon, 410},
		{"the time zone does not count", expires.In(time.FixedZone("", 3600)), expires.Add(-1), 0},
		{"the last second there is", time.Unix(math.MaxInt64, 0), noon, 0},
		{"the first", time.Unix(0, 0), noon, 410},
		{"the first, before it", time.Unix(0, 0), time.Unix(-1, 0), 0},
	} {
		s := newSigner(t)
		link, err := s.Sign(&url.URL{Path: "/a"}, tt.expires)
		if err != nil {
			t.Errorf("%s: %v", tt.reason, err)
			continue
		}
		s.Now = func() time.Time { return tt.now }
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
	s := newSigner(t)
	s.Now = nil
	for _, tt := range []struct {
		after time.Duration
		want  error
	}{{time.Hour, nil}, {-time.Hour, signing.ErrExpired}} {
		link, err := s.Sign(&url.URL{Path: "/a"}, time.Now().Add(tt.after))
		if err != nil {
			t.Fatal(err)
		}
		if err := verify(t, s, link.String()); !errors.Is(err, tt.want) {
			t.Errorf("expires in %v: got %v, want %v", tt.after, err, tt.want)
		}
	}
}

func TestKeysRotate(t *testing.T) {
	oldKey, newKey := key(1), key(2)
	before, during, after := newSigner(t, oldKey), newSigner(t, newKey, oldKey), newSigner(t, newKey)
	oldLink, newLink := sign(t, before, "/a").String(), sign(t, during, "/a").String()
	for _, tt := range []struct {
		reason string
		s      *signing.Signer
		link   string
		ok     bool
	}{
		{"an older key verifies", during, oldLink, true},
		{"the first one signs", after, newLink, true},
		{"and not the second", before, newLink, false},
		{"until the older one is removed", after, oldLink, false},
	} {
		if err := verify(t, tt.s, tt.link); (err == nil) != tt.ok {
			t.Errorf("%s: got %v", tt.reason, err)
		}
	}
	newKey[0]++
	if err := verify(t, after, newLink); err != nil {
		t.Errorf("the Signer has kept the caller's slice: %v", err)
	}
}

func TestPrefix(t *testing.T) {
	for _, tt := range []struct{ reason, prefix, link, seen string }{
		{"no proxy", "", "/f/x", "/f/x"},
		{"a prefix that a proxy removes", "/app", "/app/f/x", "/f/x"},
		{"written as in its configuration", "/app/", "/app/f/x", "/f/x"},
		{"of two segments, with an escape", "/my%20app/v1", "/my%20app/v1/x", "/x"},
		{"the root", "/app", "/app/", "/"},
		{"a slash is no prefix", "/", "/f/x", "/f/x"},
	} {
		s := newSigner(t)
		s.Prefix = tt.prefix
		link := sign(t, s, "https://example.com"+tt.link)
		if err := verify(t, s, tt.seen+"?"+link.RawQuery); err != nil {
			t.Errorf("%s: %v", tt.reason, err)
		}
		if tt.link == tt.seen {
			continue
		}
		if err := verify(t, s, tt.link+"?"+link.RawQuery); err == nil {
			t.Errorf("%s: it verifies with the prefix as well", tt.reason)
		}
		u := &url.URL{Path: tt.seen}
		if _, err := s.Sign(u, noon); err == nil || !strings.Contains(err.Error(), "not below the Prefix") {
			t.Errorf("%s: Sign(%s): got %v, want an error that names the Prefix", tt.reason, u, err)
		}
	}
	for _, prefix := range []string{"app", "//app", "/../app", "/%zz"} {
		s := newSigner(t)
		s.Prefix = prefix
		if link, err := s.Sign(&url.URL{Path: "/app/x"}, noon); err == nil || !strings.Contains(err.Error(), "Prefix") {
			t.Errorf("Prefix %q: got %v, %v, want an error that names the Prefix", prefix, link, err)
		}
	}
}

func TestParameters(t *testing.T) {
	s := newSigner(t)
	link := sign(t, s, "/a?user=7&disposition=inline&tag=a&tag=b")
	got, err := s.Parameters(httptest.NewRequest(http.MethodGet, link.String(), nil))
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"user": {"7"}, "disposition": {"inline"}, "tag": {"a", "b"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	got, err = s.Parameters(httptest.NewRequest(http.MethodGet, "/a?user=8", nil))
	if len(got) > 0 || response.Status(err) != http.StatusForbidden {
		t.Errorf("not signed: got %v, %v", got, err)
	}
}

// A Signer that ends up in a log must not give its keys away.
func TestASignerIsPrintedWithoutItsKeys(t *testing.T) {
	s := newSigner(t)
	reference := newSigner(t, key(0), key(0))
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s"} {
		for _, text := range []string{fmt.Sprintf(verb, s), fmt.Sprintf(verb, *reference)} {
			if len(text) > 200 {
				t.Errorf("%s: %s", verb, text)
			}
		}
	}
}
