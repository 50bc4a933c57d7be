package signing_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/signing"
)

// names are file names that have broken somebody's links.
var names = []string{
	"report.pdf", "a b.txt", " leading", "trailing ", "two  blanks", "a+b.txt", "a%b.txt", "100%.txt", "100%25.txt",
	"%41.txt", "%2F", "%2e%2e", "a&b.txt", "a=b.txt", "a?b.txt", "a#b.txt", "a;b.txt", "a:b.txt", "a,b.txt", "a@b.txt",
	"a$b!.txt", "it's.txt", "(1).txt", "[1].txt", "{1}.txt", "<1>.txt", `"q".txt`, `back\slash`, "a|b^c`d", "~tilde",
	"star*.txt", "...", ".hidden", "-dash", "under_score", "naïve.txt", "nai\u0308ve.txt", "Ελληνικά.txt", "日本語.txt",
	"😀.txt", "\u202egnp.exe", "new\nline", "tab\t", "\x01\x7f", "\xff\xfe.txt", "expires=1&signature=x", "CON", "a/b.txt", "a/../b",
}

// reversed returns the query of a link in another order.
func reversed(query string) string {
	pairs := strings.Split(query, "&")
	for i, j := 0, len(pairs)-1; i < j; i, j = i+1, j-1 {
		pairs[i], pairs[j] = pairs[j], pairs[i]
	}
	return strings.Join(pairs, "&")
}

// escaped escapes each byte of s but "/", and shy only those that cannot stand in
// the path of a request line for what they are.
func escaped(s string, shy bool) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for _, c := range []byte(s) {
		if shy && c > ' ' && c < 0x7f && !strings.ContainsRune("/%?", rune(c)) {
			b.WriteByte(c)
			continue
		}
		b.WriteString("%" + string(hex[c>>4]) + string(hex[c&15]))
	}
	return b.String()
}

// nameOf answers with the name of the file that is asked for.
func nameOf(name func(r *http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, name(r)) })
}

// mountings are the ways in which a handler may be mounted below "/f/".
func mountings(s *signing.Signer) map[string]http.Handler {
	// Behind http.StripPrefix the name is all of the path.
	last := nameOf(func(r *http.Request) string { return strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/f"), "/") })
	route := chi.NewRouter()
	route.Route("/f", func(r chi.Router) {
		r.Use(s.Wrap)
		r.Method("GET", "/*", last)
	})
	sub, mount := chi.NewRouter(), chi.NewRouter()
	sub.Use(s.Wrap)
	sub.Method("GET", "/*", last)
	mount.Mount("/f", sub)
	with := chi.NewRouter()
	with.With(s.Wrap).Method("GET", "/f/{name}", last)
	segment, rest := http.NewServeMux(), http.NewServeMux()
	pathValue := nameOf(func(r *http.Request) string { return r.PathValue("name") })
	segment.Handle("GET /f/{name}", s.Wrap(pathValue))
	rest.Handle("GET /f/{name...}", s.Wrap(pathValue))
	return map[string]http.Handler{
		"handler":                s.Wrap(last),
		"StripPrefix":            http.StripPrefix("/f", s.Wrap(last)),
		"chi.Route":              route,
		"chi.Mount":              mount,
		"chi parameter":          with,
		"ServeMux, one segment":  segment,
		"ServeMux, all the rest": rest,
	}
}

// TestNames signs each name, asks for it in several spellings, and has it
// verified behind each way of mounting.
func TestNames(t *testing.T) {
	s := newSigner(t)
	if len(names) < 40 {
		t.Errorf("%d names are not many", len(names))
	}
	for mounting, h := range mountings(s) {
		t.Run(mounting, func(t *testing.T) {
			srv := servertest.Start(t, servertest.HTTP11, h)
			for _, name := range names {
				link := sign(t, s, "/f/"+url.PathEscape(name)+"?user=7")
				for spelling, target := range map[string]string{
					"as signed":      link.RequestURI(),
					"all escaped":    "/f/" + escaped(name, false) + "?" + link.RawQuery,
					"hardly escaped": "/f/" + escaped(name, true) + "?" + reversed(link.RawQuery),
				} {
					got := ask(t, srv.Listener.Addr(), target)
					if got.Status != http.StatusOK || got.Body != name {
						t.Errorf("%q, %s: %d %q", name, spelling, got.Status, got.Body)
					}
				}
			}
		})
	}
}
