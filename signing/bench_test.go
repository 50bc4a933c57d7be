package signing_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

func BenchmarkVerify(b *testing.B) {
	old := newSigner(b, key(1))
	for _, bb := range []struct{ name, target string }{
		{"short", "/private/report.pdf"},
		{"long", "/private/2026/" + url.PathEscape("Ελληνικά ονόματα αρχείων (1).pdf") + "?disposition=inline&user=1234567&version=12"},
	} {
		for name, s := range map[string]interface{ Verify(*http.Request) error }{"one key": old, "second key": newSigner(b, key(2), key(1))} {
			b.Run(bb.name+"/"+name, func(b *testing.B) {
				r := httptest.NewRequest(http.MethodGet, sign(b, old, bb.target).String(), nil)
				b.ReportAllocs()
				for b.Loop() {
					if err := s.Verify(r); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkSign(b *testing.B) {
	s := newSigner(b)
	u := &url.URL{Path: "/private/report.pdf"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Sign(u, noon.Add(time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
}
