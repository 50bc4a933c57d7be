package fronts_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-downloadview/downloadview/e2e/fronts"
	"github.com/go-downloadview/downloadview/offload"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// names are of files that a server could take for others, or for none.
var names = []string{
	"plain.txt", "A.txt", "%41.txt", "%2541.txt", "100%.txt", "100.txt", "%zz", "%", "%00.txt", "%2F.txt", "%2e%2e", "%0A",
	"a b.txt", " leading", "trailing ", "two  blanks", "tab\there", "a?b", "a", "a?", "?", "a#b", "#", "a+b", "a&b=c", "a;b", "a:b",
	"a\\b", `"quoted"`, "'single'", "a,b", "a|b", "a*b", "a<b>", "a@b", "a=b", "a~b", "~", "$uri", "$1", "a`b", "(a)", "[a]",
	"{http.request.uri}", "{a}", "{{a}}", "<?php", "Жз.txt", "日本語.pdf", "é", "e\u0301", "😀", "a\u202eb", "a\u0085b", "\u00a0", "\ufeffbom",
	"new\nline", "carriage\rreturn", "bell\a", "del\x7f", "\xff\xfe", "caf\xe9", ".hidden", ".htaccess", "...", "..a", "-", "-r",
	"index.html", "index.php", "a.inc", "backup~", "Caddyfile", "a.gz", "deep/er/file", "dir with blank/%41?#.txt",
	strings.Repeat("n", 255), strings.Repeat("ы", 127), strings.Repeat(strings.Repeat("я", 127)+"/", 4) + "long path",
}

// cannot has the names that a kind of server does not take.
var cannot = map[offload.Server]func(name string) bool{
	offload.NGINX: isLong,
	offload.Caddy: isLong,
	offload.CaddyRaw: func(name string) bool {
		return strings.Contains(name, "?") || strings.HasSuffix(name, " ") || hasControl(name)
	},
	offload.ApacheRaw: func(name string) bool { return strings.HasSuffix(name, " ") || hasControl(name) },
	offload.Lighttpd:  func(name string) bool { return isLong(name) || hasControl(name) || !utf8.ValidString(name) },
}

// isLong reports whether a name is too long once it is escaped.
func isLong(name string) bool { return strings.HasSuffix(name, "long path") }

func hasControl(name string) bool { return strings.ContainsAny(name, "\n\r\t\a\x7f") }

// Every file arrives, whatever its name is, and whoever sends it.
func TestNames(t *testing.T) {
	for _, front := range fronts.Fronts() {
		t.Run(front.Kind.String(), func(t *testing.T) {
			dir := fronts.Dir(t)
			var wanted []string
			for _, name := range names {
				wanted = append(wanted, name)
				writeFile(t, filepath.Join(dir, name), "content of "+strconv.Quote(name))
			}
			app := newApplication(t, front.Kind, front.Rule(dir), views.FileFunc(func(r *http.Request) (fs.File, error) {
				i, err := strconv.Atoi(r.PathValue("path"))
				if err != nil {
					return nil, err
				}
				return os.Open(filepath.Join(dir, wanted[i]))
			}))
			url := front.Start(t, app.address, dir)
			for i, name := range wanted {
				resp, body := get(t, http.MethodGet, url+"/"+strconv.Itoa(i))
				if want := "content of " + strconv.Quote(name); resp.StatusCode != http.StatusOK || body != want {
					t.Errorf("%q: status %d, content %q, want %q", name, resp.StatusCode, body, want)
				}
				if outcome := app.outcome(); (outcome.Ending == response.HandedOver) == cannot[front.Kind](name) {
					t.Errorf("%q: handed over: %v", name, outcome.Ending == response.HandedOver)
				}
			}
		})
	}
}

// application is what the front server asks.
type application struct {
	address  string
	outcomes chan response.Outcome
}

// outcome returns how the answer to the last request ended; each has to be taken.
func (a *application) outcome() response.Outcome { return <-a.outcomes }

// newApplication serves a view of files under /, handed over by one rule.
func newApplication(t testing.TB, kind offload.Server, rule offload.Rule, open views.FileFunc, middleware ...func(http.Handler) http.Handler) *application {
	t.Helper()
	return newApplicationWith(t, kind, offload.Options{Rules: []offload.Rule{rule}}, open, middleware...)
}

// newApplicationWith is newApplication with another view and other options.
func newApplicationWith(t testing.TB, kind offload.Server, opts offload.Options, v views.DownloadView, middleware ...func(http.Handler) http.Handler) *application {
	t.Helper()
	m, err := offload.New(kind, opts)
	if err != nil {
		t.Fatal(err)
	}
	app := &application{outcomes: make(chan response.Outcome, 1)}
	h := m.Wrap(views.AsView(watched{v, app.outcomes}))
	for _, wrap := range middleware {
		h = wrap(h)
	}
	mux := http.NewServeMux()
	mux.Handle("/{path...}", h)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	app.address = srv.Listener.Addr().String()
	return app
}

// watched is a view whose outcomes are told.
type watched struct {
	views.DownloadView
	outcomes chan response.Outcome
}

func (w watched) GetOptions(r *http.Request, file fs.File) response.Options {
	var opts response.Options
	if v, ok := w.DownloadView.(view); ok {
		opts = v.opts
	}
	opts.OnDone = func(_ *http.Request, o response.Outcome) { w.outcomes <- o }
	return opts
}

// view is a FileFunc with options.
type view struct {
	views.FileFunc
	opts response.Options
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

var client = &http.Client{Transport: &http.Transport{Proxy: nil, DisableCompression: true}}

// get returns the answer to a request, with header lines, and its body.
func get(t testing.TB, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range header {
		if key, value, ok := strings.Cut(line, ": "); ok {
			req.Header.Add(key, value)
		}
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		t.Errorf("%s %s: %v", method, url, err)
	}
	return resp, body.String()
}
