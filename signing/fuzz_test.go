package signing_test

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/signing"
)

// FuzzSecondURL looks for a second URL that verifies by the signature of a link:
// one that means another path or other parameters to any router.
func FuzzSecondURL(f *testing.F) {
	for _, name := range names {
		f.Add("/f/"+url.PathEscape(name), "user=7", "/f/"+escaped(name, true), "user=7")
	}
	for _, asked := range []string{"/f/a/b", "/f/a%2fb", "//f/a%2Fb", "/f//a%2Fb", "/f/./a%2Fb", "/f/x/../a%2Fb", `/f/"%2Fb`, "/f%2Fa%2Fb", "http://h/f/a%2Fb"} {
		f.Add("/f/a%2Fb", "n=1&m=2", asked, "m=2&n=1")
		f.Add("/f/a%2Fb", "n=1&m=2", asked, "n=1&m=2&n=1")
	}
	f.Add("/f/%22/b", "", `/f/"%2Fb`, "")
	s := newSigner(f)
	f.Fuzz(func(t *testing.T, path, query, askedPath, askedQuery string) {
		u, err := url.Parse(path)
		if err != nil {
			t.Skip()
		}
		u.RawQuery = query
		link, err := s.Sign(u, noon.Add(time.Hour))
		if err != nil {
			t.Skip()
		}
		signed, ok := meaningOf(link.EscapedPath(), link.RawQuery)
		if !ok {
			t.Fatalf("Sign made a malformed URL, %s", link)
		}
		r, err := request(http.MethodGet, askedPath+"?"+askedQuery+
			"&expires="+link.Query().Get("expires")+"&signature="+link.Query().Get("signature"))
		if err != nil || s.Verify(r) != nil {
			t.Skip()
		}
		seen := []string{r.URL.EscapedPath()} // by http.ServeMux
		if r.URL.RawPath != "" {
			seen = append(seen, r.URL.RawPath) // by chi
		}
		for _, path := range seen {
			if asked, ok := meaningOf(path, r.URL.RawQuery); !ok || !reflect.DeepEqual(asked, signed) {
				t.Errorf("%s verifies by the signature of\n%s", r.RequestURI, link)
			}
		}
	})
}

// FuzzSign has whatever can be signed come back as clients and proxies send it.
func FuzzSign(f *testing.F) {
	for _, name := range names {
		f.Add("https://example.com/f/"+url.PathEscape(name)+"?user=7", noon.Unix()+1)
	}
	for _, target := range []string{"/", "/?", "/?a", "/?a=1&a=2&&b", "//x", "/a/../b", "/%2e", "/a;b?c;d", "/?%zz", "/#f", "mailto:x", "x"} {
		f.Add(target, noon.Unix()+3600)
		f.Add(target, noon.Unix())
	}
	f.Fuzz(func(t *testing.T, target string, expires int64) {
		u, err := url.Parse(target)
		if err != nil {
			t.Skip()
		}
		s := newSigner(t)
		link, err := s.Sign(u, time.Unix(expires, 0))
		if err != nil {
			t.Skip()
		}
		again, err := url.Parse(link.String()) // a client reads it from a page
		if err != nil {
			t.Fatalf("%s is no URL: %v", link, err)
		}
		signed, _ := meaningOf(link.EscapedPath(), link.RawQuery)
		anew := "" // as a proxy may write it
		for _, name := range signed.names[1:] {
			anew += "/" + escaped(name, false)
		}
		for _, spelling := range []string{again.RequestURI(), anew + "?" + signed.values.Encode()} {
			if len(spelling) > 8<<10 {
				continue // it is three times as long
			}
			r, err := request(http.MethodGet, spelling)
			if err != nil {
				t.Fatalf("%s: %v", spelling, err)
			}
			if err := signerAt(t, time.Unix(expires-1, 0)).Verify(r); err != nil {
				t.Errorf("%s: a second before it expires: %v", spelling, err)
			}
			if err := signerAt(t, time.Unix(expires, 0)).Verify(r); !errors.Is(err, signing.ErrExpired) {
				t.Errorf("%s: when it expires: %v", spelling, err)
			}
		}
	})
}
