package signing_test

import (
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
		s := signerAt(t, time.Unix(tt.expires-1, 0))
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
		prefix string
		want   string
	}{
		{"no key", nil, "", "signing: NewSigner: no key"},
		{"nothing for a key, as an unset variable gives", [][]byte{nil}, "", "signing: NewSigner: key 1 has 0 bytes, and must have 32 at least"},
		{"a short key", [][]byte{key(0), key(1)[:31]}, "", "signing: NewSigner: key 2 has 31 bytes, and must have 32 at least"},
		{"a relative prefix", [][]byte{key(0)}, "app", `signing: NewSigner: the Prefix "app": the path "app" does not begin with one slash`},
		{"a host for a prefix", [][]byte{key(0)}, "//app", `signing: NewSigner: the Prefix "//app": the path "//app" does not begin with one slash`},
		{"dots in it", [][]byte{key(0)}, "/../app/", `signing: NewSigner: the Prefix "/../app/": the path "/../app" has a segment ".."`},
		{"no escape", [][]byte{key(0)}, "/%zz", `signing: NewSigner: the Prefix "/%zz": the path has a malformed escape`},
	} {
		if s, err := signing.NewSigner(signing.Options{Keys: tt.keys, Prefix: tt.prefix}); s != nil || err == nil || err.Error() != tt.want {
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
		{"no time", parse("/a"), time.Time{}, "has passed"},
		{"before 1970", parse("/a"), time.Unix(-1, 0), "has passed"},
		{"this very second", parse("/a"), noon.Add(time.Second - 1), "has passed"},
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
		s := newSignerWith(t, signing.Options{Prefix: tt.prefix})
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
		if _, err := s.Sign(u, noon.Add(time.Hour)); err == nil || !strings.Contains(err.Error(), "not below the Prefix") {
			t.Errorf("%s: Sign(%s): got %v, want an error that names the Prefix", tt.reason, u, err)
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
			if len(text) > 240 {
				t.Errorf("%s: %s", verb, text)
			}
		}
	}
}
