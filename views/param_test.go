package views_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// sayParams answers with the path parameters of those names.
func sayParams(names ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, name := range names {
			value, err := views.PathParam(r, name)
			fmt.Fprintf(w, "%s=%s", name, value)
			if err != nil {
				fmt.Fprint(w, " ", errors.Is(err, fs.ErrNotExist))
			}
			fmt.Fprintln(w)
		}
	}
}

// onMux and onChi route pattern to a handler that says the parameters.
func onMux(pattern string, names ...string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(pattern, sayParams(names...))
	return mux
}

func onChi(pattern string, names ...string) http.Handler {
	r := chi.NewRouter()
	r.Get(pattern, sayParams(names...))
	return r
}

// setting stands for a router that fills r.SetPathValue: value gets the URL.
func setting(name string, value func(u *url.URL) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.SetPathValue(name, value(r.URL))
		sayParams(name)(w, r)
	})
}

// under routes what is below a prefix to a handler that does not see it.
func under(pattern, prefix string, h http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(pattern, http.StripPrefix(prefix, h))
	return mux
}

func TestPathParam(t *testing.T) {
	// afterSlash is what comes after the last slash of a path.
	afterSlash := func(path string) string { return path[strings.LastIndex(path, "/")+1:] }
	chiMount := chi.NewRouter()
	chiMount.Mount("/api/{a}", onChi("/{b}/*", "a", "b", "*"))
	chiRoute := chi.NewRouter()
	chiRoute.Route("/{a}", func(r chi.Router) { r.Get("/{b}", sayParams("a", "b")) })
	chiOverMux := chi.NewRouter()
	chiOverMux.Handle("/{a}/*", onMux("GET /{x}/{b}", "a", "b"))

	for _, tt := range []struct {
		reason string
		router http.Handler
		target string
		want   string // the lines with a blank in between
	}{
		{"plain", onMux("/{a}", "a"), "/x.txt", "a=x.txt"},
		{"plain", onChi("/{a}", "a"), "/x.txt", "a=x.txt"},
		{"a name that the router does not have", onMux("/{a}", "b"), "/x", "b="},
		{"a name that the router does not have", onChi("/{a}", "b"), "/x%2Fy", "b="},
		{"a slash", onMux("/{a}", "a"), "/x%2Fy", "a=x/y"},
		{"a slash", onChi("/{a}", "a"), "/x%2Fy", "a=x/y"},
		{"a percent sign", onMux("/{a}", "a"), "/100%25", "a=100%"},
		{"a percent sign", onChi("/{a}", "a"), "/100%25", "a=100%"},
		{"what looks like an escape", onMux("/{a}", "a"), "/%2541", "a=%41"},
		{"what looks like an escape", onChi("/{a}", "a"), "/%2541", "a=%41"},
		{"the same, beside a needless escape", onMux("/{a}", "a"), "/%61%2541", "a=a%41"},
		{"the same, beside a needless escape", onChi("/{a}", "a"), "/%61%2541", "a=a%41"},
		{"a plus is a plus", onChi("/{a}", "a"), "/x+y%2Bz", "a=x+y+z"},

		// The same text as one parameter's value and as another's escapes. Only an
		// attacker makes such URLs. What chi gives stays escaped, and names no file.
		{"twice in a URL", onMux("/d/{a}/{b}", "a", "b"), "/d/private%252Fx/private%2Fx", "a=private%2Fx b=private/x"},
		{"twice in a URL", onChi("/d/{a}/{b}", "a", "b"), "/d/private%252Fx/private%2Fx", "a=private%2Fx b=private%2Fx"},
		{"the other way round", onMux("/d/{a}/{b}", "a", "b"), "/d/private%2Fx/private%252Fx", "a=private/x b=private%2Fx"},
		{"the other way round", onChi("/d/{a}/{b}", "a", "b"), "/d/private%2Fx/private%252Fx", "a=private%2Fx b=private%2Fx"},
		{"with a method", onMux("GET /d/{a}/{b}", "a", "b"), "/d/private%252Fx/private%2Fx", "a=private%2Fx b=private/x"},
		{"with a host", onMux("127.0.0.1/d/{a}/{b}", "a", "b"), "/d/private%252Fx/private%2Fx", "a=private%2Fx b=private/x"},
		{"with a rest", onMux("/d/{a}/{rest...}", "a", "rest"), "/d/private%252Fx/private%2Fx", "a=private%2Fx rest=private/x"},
		{"with a rest that has it", onMux("/d/{a}/{rest...}", "a", "rest"), "/d/private%2Fx/y/private%252Fx", "a=private/x rest=y/private%2Fx"},
		{"with a final slash", onMux("/d/{a}/{b}/", "a", "b"), "/d/private%252Fx/private%2Fx/", "a=private%2Fx b=private/x"},
		{"to the end", onMux("/d/{a}/{b}/{$}", "a", "b"), "/d/private%252Fx/private%2Fx/", "a=private%2Fx b=private/x"},
		{"with a wildcard", onChi("/d/{a}/*", "a", "*"), "/d/private%252Fx/private%2Fx", "a=private%2Fx *=private%2Fx"},
		{"with a wildcard that has it", onChi("/d/{a}/*", "a", "*"), "/d/private%2Fx/y/private%252Fx", "a=private%2Fx *=y/private%2Fx"},
		{"with a final slash", onChi("/d/{a}/{b}/", "a", "b"), "/d/private%252Fx/private%2Fx/", "a=private%2Fx b=private%2Fx"},
		{"with an expression", onChi("/d/{a:[^/]+}/{b}", "a", "b"), "/d/private%252Fx/private%2Fx", "a=private%2Fx b=private%2Fx"},
		{"with an expression that has braces", onChi(`/d/{a:.{1,20}}/{b}`, "a", "b"), "/d/private%252Fx/private%2Fx", "a=private%2Fx b=private%2Fx"},
		{"in one segment", onChi("/d/{a}-{b}", "a", "b"), "/d/x%252Fy-x%2Fy", "a=x%2Fy b=x%2Fy"},
		{"by a name that is no identifier", onChi("/d/{a-b}/{b}", "a-b", "b"), "/d/x%252Fy/x%2Fy", "a-b=x%2Fy b=x%2Fy"},

		{"a subrouter", chiRoute, "/x%252Fy/x%2Fy", "a=x%2Fy b=x%2Fy"},
		{"a mounted router", chiMount, "/api/x%252Fy/x%2Fy/%2525/x%252Fy", "a=x%2Fy b=x%2Fy *=%25/x%2Fy"},
		{"below a prefix", under("/api/", "/api", onMux("/d/{a}/{b}", "a", "b")), "/api/d/x%252Fy/x%2Fy", "a=x%2Fy b=x/y"},
		{"below a prefix", under("/api/", "/api", onChi("/d/{a}/{b}", "a", "b")), "/api/d/x%252Fy/x%2Fy", "a=x%2Fy b=x%2Fy"},
		{"a prefix that is stripped after routing", under("/api/{a}/{b}", "/api", sayParams("a", "b")), "/api/x%252Fy/x%2Fy", "a=x%2Fy b=x/y"},
		{"chi in a ServeMux, by one name", under("/{a}/", "/x", onChi("/{a}/{b}", "a", "b")), "/x/x%252Fy/x%2Fy", "a=x%2Fy b=x%2Fy"},
		{"a ServeMux in chi: the outer name is chi's", chiOverMux, "/x%2Fy/x%252Fz", "a=x/y b=x%2Fz"},

		{"a router that gives parts of the Path", setting("p", func(u *url.URL) string { return afterSlash(u.Path) }), "/100%25.txt", "p=100%.txt"},
		{"the same, beside a needless escape", setting("p", func(u *url.URL) string { return afterSlash(u.Path) }), "/%61%2541", "p=a%41"},
		{"one that gives parts of the RawPath", setting("p", func(u *url.URL) string { return afterSlash(u.EscapedPath()) }), "/x%2Fy%2541", "p=x/y%41"},
		{"a middleware that has unescaped it already", setting("p", func(*url.URL) string { return "100%.txt" }), "/%31%300%25.txt", "p=100%.txt"},
		{"in doubt it stays as it is", setting("p", func(*url.URL) string { return "x%2Fy" }), "/x%252Fy/x%2Fy", "p=x%2Fy"},
		{"half an escape", setting("p", func(*url.URL) string { return "%2" }), "/x%2Fy", "p= true"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			got := servertest.Start(t, servertest.HTTP11, tt.router).Do(t, "GET", tt.target)
			if got.Body = strings.TrimSpace(strings.ReplaceAll(got.Body, "\n", " ")); got.Status != 200 || got.Body != tt.want {
				t.Errorf("%s: %d %s, want %s", tt.target, got.Status, got.Body, tt.want)
			}
		})
	}
}

// With characters in a URL that should be escaped, ServeMux and chi see other
// segments. No client of net/http sends such a URL, but its server takes it.
func TestPathParamOfAnUnescapedURL(t *testing.T) {
	servertest.Record(onMux("/{d}/{x}/{y}/{a}/{b}", "a", "b"), "GET", `/d"/private%2Fx/private%252Fx%2Fv`).
		Check(t, 200, "a=private%2Fx\nb=v\n")
	servertest.Record(onChi("/{d}/{a}/{b}", "a", "b"), "GET", `/d"/private%2Fx/%25`).
		Check(t, 200, "a=private/x\nb=%\n")
}

// A guard that looks at the parameter, and the view behind it, see one name.
func TestPathParamIsWhatAGuardSees(t *testing.T) {
	guarded := http.NewServeMux()
	guarded.HandleFunc("/d/{path}/{other}", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.PathValue("path"), "private/") {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		views.AsView(views.PathDownloadView{Dir: storedDir(t, "private/x", "secret")})(w, r)
	})
	srv := servertest.Start(t, servertest.HTTP11, guarded)
	if got := srv.Do(t, "GET", "/d/private%2Fx/x"); got.Status != 403 {
		t.Errorf("the guard lets it pass: %+v", got)
	}
	srv.Do(t, "GET", "/d/private%252Fx/private%2Fx").CheckError(t, 404)
}

// FuzzPathParam: whatever stands in a URL, both routers give the same.
func FuzzPathParam(f *testing.F) {
	for _, seed := range []string{"a", "%2541", "private%252Fx", "%2F", "%25", "x%2Fy%252Fz", "(%31)"} {
		f.Add(seed, seed)
		f.Add(seed, "private%2Fx")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		wantA, errA := url.PathUnescape(a)
		wantB, errB := url.PathUnescape(b)
		target, err := url.ParseRequestURI("/d/" + a + "/" + b)
		if errA != nil || errB != nil || err != nil || a == "" || b == "" || strings.ContainsAny(a+b, "/?# ") ||
			target.RawPath != "" && target.RawPath != target.EscapedPath() || // the routers see other segments
			strings.Contains(a+b, "%") && (strings.Contains(target.Path, a) || strings.Contains(target.Path, b)) || // an escape too few
			strings.Trim(wantA, "./") == "" || strings.Trim(wantB, "./") == "" {
			t.Skip("not two segments that ServeMux keeps as they are")
		}
		for name, router := range map[string]http.Handler{
			"ServeMux": onMux("/d/{a}/{b}", "a", "b"), "chi": onChi("/d/{a}/{b}", "a", "b"),
		} {
			w := httptest.NewRecorder()
			router.ServeHTTP(w, &http.Request{Method: "GET", URL: target, Header: http.Header{}, RequestURI: target.RequestURI()})
			if got, want := w.Body.String(), "a="+wantA+"\nb="+wantB+"\n"; w.Code != 200 || got != want {
				t.Errorf("%s: /d/%s/%s: %d %q, want %q", name, a, b, w.Code, got, want)
			}
		}
	})
}

// echo fills r.Pattern, too, and may unescape its parameters itself.
func TestPathParamOfEcho(t *testing.T) {
	r := httptest.NewRequest("GET", "/d/x%2Fy/x%252Fy", nil)
	r.Pattern = "/d/:user/*"
	r.SetPathValue("*", "x%2Fy")
	if got, err := views.PathParam(r, "*"); got != "x%2Fy" || err != nil {
		t.Errorf("PathParam = %q, %v, want x%%2Fy: it has no escapes any more", got, err)
	}
}
