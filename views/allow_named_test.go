package views_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// What Path makes of the client's word is still the client's.
func TestAllowOfNamesThatPathMakes(t *testing.T) {
	type (
		chooser = func(*http.Request) (string, error)
		allower = func(string) bool
	)
	with := func(change func(string) string) chooser {
		return func(r *http.Request) (string, error) {
			name, err := views.PathParam(r, "*")
			return change(name), err
		}
	}
	extended := with(func(name string) string { return name + ".txt" })
	for _, tt := range []struct {
		reason string
		path   chooser
		allow  allower
		target string
		want   string // "": 404
	}{
		{"in small letters", with(strings.ToLower), nil, "/.ENV", ""},
		{"in capitals", with(strings.ToUpper), nil, "/.env", ""},
		{"with a dot ahead, which is the program's own word", with(func(name string) string { return "." + name }), nil, "/env", ".env"},
		{"a constant", func(*http.Request) (string, error) { return ".env", nil }, nil, "/env", ".env"},
		{"with an extension", extended, nil, "/.well-known", ""},
		{"with an extension, a rule", extended, func(name string) bool { return name != "sub/a.txt" }, "/sub%2fa", ""},
		{"with an extension, no dot", extended, nil, "/sub%2fa", "sub/a.txt"},
		{"with more around it", with(func(name string) string { return name + ".b.txt" }), func(string) bool { return false }, "/a", ""},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			for name, view := range hiddenViews(t, func(path *chooser, _ *string, allow *allower) { *path, *allow = tt.path, tt.allow }) {
				t.Run(name, func(t *testing.T) {
					logs := servertest.CaptureLog(t)
					r := chi.NewRouter()
					views.Mount(r, "/*", view)
					got := servertest.Start(t, servertest.HTTP11, r).Do(t, "GET", tt.target)
					if tt.want != "" {
						got.Check(t, 200, tt.want)
						return
					}
					got.CheckError(t, 404)
					if !strings.Contains(logs.String(), "Allow does not let") {
						t.Errorf("the log does not say why: %q", logs)
					}
				})
			}
		})
	}
}
