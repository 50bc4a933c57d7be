package signing_test

import (
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/go-downloadview/downloadview/views"
	"github.com/google/go-cmp/cmp"
)

// poemView serves a text that is in memory, and fails where the path says so.
type poemView struct{ views.VirtualDownloadView }

func (poemView) GetFile(r *http.Request) (fs.File, error) {
	switch r.URL.Path {
	case "/missing":
		return nil, fs.ErrNotExist
	case "/broken":
		return nil, errors.New("the database has gone")
	case "/late":
		return files.NewVirtualFile(files.NewWriterIO(func(io.Writer) error { return errors.New("the disk has gone") }), "late.txt"), nil
	}
	file := files.NewContentFile("Roses are red.\n", "poem.txt")
	file.ETag = `"v1"`
	return file, nil
}

func TestWrap(t *testing.T) {
	s := newSigner(t)
	poem := s.Wrap(views.AsView(poemView{}))
	for _, tt := range []struct {
		reason, method, path string
		fields               []string
		status               int
		cacheControl         string
		body                 string
	}{
		{"the file", "GET", "/poem", nil, 200, "private, max-age=3600", "Roses are red.\n"},
		{"HEAD with the link of a GET", "HEAD", "/poem", nil, 200, "private, max-age=3600", ""},
		{"a range", "GET", "/poem", []string{"Range", "bytes=6-8"}, 206, "private, max-age=3600", "are"},
		{"not modified", "GET", "/poem", []string{"If-None-Match", `"v1"`}, 304, "private, max-age=3600", ""},
		{"an error of the view", "GET", "/missing", nil, 404, "no-store", "Not Found\n"},
		{"another", "GET", "/broken", nil, 500, "no-store", "Internal Server Error\n"},
		{"an error of the file", "GET", "/late", nil, 500, "no-store", "Internal Server Error\n"},
		{"no such range", "GET", "/poem", []string{"Range", "bytes=99-"}, 416, "no-store", "Requested Range Not Satisfiable\n"},
		{"a precondition failed", "GET", "/poem", []string{"If-Match", `"v2"`}, 412, "no-store", "Precondition Failed\n"},
	} {
		got := servertest.Record(poem, tt.method, sign(t, s, tt.path).String(), tt.fields...)
		if got.Status != tt.status || got.Body != tt.body {
			t.Errorf("%s: %d %q, want %d %q", tt.reason, got.Status, got.Body, tt.status, tt.body)
		}
		want := http.Header{"Cache-Control": {tt.cacheControl}, "Referrer-Policy": {"no-referrer"}}
		have := http.Header{"Cache-Control": got.Header["Cache-Control"], "Referrer-Policy": got.Header["Referrer-Policy"]}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s: header (-want +got):\n%s", tt.reason, diff)
		}
	}
}

func TestWrapRefuses(t *testing.T) {
	s := newSigner(t)
	// What was set for a file does not go with a refusal.
	h := setting(s.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })),
		"Cache-Control", "public, max-age=60", "CDN-Cache-Control", "max-age=60", "Expires", "tomorrow",
		"ETag", `"v1"`, "Content-Disposition", "attachment", "Repr-Digest", "sha-256=::", "X-Request-Id", "7",
		"Access-Control-Allow-Origin", "*", "Vary", "Origin")
	link := expired(t, "/poem")
	for _, tt := range []struct {
		reason, method, target string
		status                 int
		allow                  []string
	}{
		{"not signed", "GET", "/poem", 403, nil},
		{"changed", "GET", strings.Replace(link.String(), "poem", "diary", 1), 403, nil},
		{"expired", "GET", link.String(), 410, nil},
		{"expired, HEAD", "HEAD", link.String(), 410, nil},
		{"another method", "POST", sign(t, s, "/poem").String(), 405, []string{"GET, HEAD"}},
	} {
		got := servertest.Record(h, tt.method, tt.target)
		text := http.StatusText(tt.status) + "\n"
		if got.Status != tt.status || got.Body != text {
			t.Errorf("%s: %d %q, want %d %q", tt.reason, got.Status, got.Body, tt.status, text)
		}
		want := http.Header{
			"Cache-Control": {"no-store"}, "Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"},
			"Referrer-Policy": {"no-referrer"}, // the URL may be a good link with a parameter too many
			"X-Request-Id":    {"7"}, "Access-Control-Allow-Origin": {"*"}, "Vary": {"Origin"},
		}
		if tt.allow != nil {
			want["Allow"] = tt.allow
		}
		if diff := cmp.Diff(want, got.Header); diff != "" {
			t.Errorf("%s: header (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// HandleError answers 403 and 410 by itself, and nothing else.
func TestHandleError(t *testing.T) {
	s := newSignerWith(t, signing.Options{HandleError: func(w http.ResponseWriter, r *http.Request, err error) {
		w.WriteHeader(response.Status(err))
		_, _ = io.WriteString(w, "page: "+err.Error())
	}})
	h := setting(s.Wrap(views.AsView(poemView{})), "ETag", `"v1"`, "Content-Disposition", "attachment", "Cache-Control", "public")
	for _, tt := range []struct {
		method, target string
		status         int
		body, caching  string
	}{
		{"GET", "/poem", 403, "page: signing: the URL is not signed", "no-store"},
		{"GET", expired(t, "/poem").String(), 410, "page: signing: the link has expired", "no-store"},
		{"POST", sign(t, s, "/poem").String(), 405, "Method Not Allowed\n", "no-store"},
		{"GET", sign(t, s, "/poem").String(), 200, "Roses are red.\n", "public"},
		{"GET", sign(t, s, "/missing").String(), 404, "Not Found\n", "no-store"},
	} {
		got := servertest.Record(h, tt.method, tt.target)
		if got.Status != tt.status || got.Body != tt.body || got.Header.Get("Cache-Control") != tt.caching {
			t.Errorf("%s %s: %d %q %v, want %d %q", tt.method, tt.target, got.Status, got.Body, got.Header, tt.status, tt.body)
		}
		if tt.status != 200 && (got.Header.Get("ETag") != "" || got.Header.Get("Content-Disposition") != "") {
			t.Errorf("%s: the header is the file's: %v", tt.target, got.Header)
		}
	}
}

// CORS middleware stands in front of Wrap: it answers the preflight request, which
// has no signature, and its fields are on refusals, so that scripts can see them.
func TestCORSInFront(t *testing.T) {
	s := newSigner(t)
	cors := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			if r.Method == http.MethodOptions {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	view := views.AsView(poemView{})
	link := sign(t, s, "/poem").String()
	for _, tt := range []struct {
		reason         string
		h              http.Handler
		method, target string
		status         int
		allowed        string
	}{
		{"preflight", cors(s.Wrap(view)), "OPTIONS", link, 204, "*"},
		{"the download", cors(s.Wrap(view)), "GET", link, 200, "*"},
		{"refused", cors(s.Wrap(view)), "GET", "/poem", 403, "*"},
		{"the wrong order", s.Wrap(cors(view)), "OPTIONS", link, 405, ""},
	} {
		got := servertest.Record(tt.h, tt.method, tt.target)
		if got.Status != tt.status || got.Header.Get("Access-Control-Allow-Origin") != tt.allowed {
			t.Errorf("%s: %d %v, want %d", tt.reason, got.Status, got.Header, tt.status)
		}
	}
}

// setting sets header fields, names and values in turn, before h is called.
func setting(h http.Handler, fields ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		h.ServeHTTP(w, r)
	})
}

func TestWrapLeavesWhatIsSet(t *testing.T) {
	s := newSigner(t)
	link := sign(t, s, "/poem").String()
	h := setting(s.Wrap(views.AsView(poemView{})), "Cache-Control", "no-cache", "Referrer-Policy", "same-origin")
	got := servertest.Record(h, "GET", link)
	if got.Header.Get("Cache-Control") != "no-cache" || got.Header.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("%v", got.Header)
	}
	// Nor does it put anything before the writer, which would cost sendfile(2).
	w := httptest.NewRecorder()
	s.Wrap(http.HandlerFunc(func(inner http.ResponseWriter, _ *http.Request) {
		if inner != http.ResponseWriter(w) {
			t.Errorf("the handler was given a %T", inner)
		}
	})).ServeHTTP(w, httptest.NewRequest("GET", link, nil))
}

func TestMaxAgeIsWhatRemains(t *testing.T) {
	link := sign(t, newSigner(t), "/poem").String() // good for an hour
	for _, tt := range []struct {
		after time.Duration
		want  string
	}{
		{0, "private, max-age=3600"},
		{1, "private, max-age=3599"}, // not a moment longer
		{time.Second, "private, max-age=3599"},
		{time.Hour - time.Second, "private, max-age=1"},
		{time.Hour - 1, "private, max-age=0"},
		{-100 * 365 * 24 * time.Hour, "private, max-age=2147483647"}, // the greatest that a cache must know, RFC 9111 §1.2.2
	} {
		if got := servertest.Record(signerAt(t, noon.Add(tt.after)).Wrap(views.AsView(poemView{})), "GET", link).Header.Get("Cache-Control"); got != tt.want {
			t.Errorf("after %v: %q, want %q", tt.after, got, tt.want)
		}
	}
}

// A download that has begun goes on when its link expires; a resume of it is
// refused.
func TestARunningDownloadOutlivesItsLink(t *testing.T) {
	moments := make(chan time.Time, 1)
	moments <- noon
	s := newSignerWith(t, signing.Options{Now: func() time.Time { now := <-moments; moments <- now; return now }})
	link := sign(t, s, "/halves").String()
	expired := make(chan struct{})
	srv := servertest.Start(t, servertest.HTTP11, s.Wrap(views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) {
		return files.NewVirtualFile(files.NewStringIteratorIO(func(yield func(string) bool) {
			if yield("one half, ") {
				<-expired
				yield("the other half")
			}
		}), "halves.txt"), nil
	}))))
	resp, err := srv.Client().Get(srv.URL + link)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	<-moments
	moments <- noon.Add(2 * time.Hour)
	close(expired)
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "one half, the other half" {
		t.Errorf("got %q, %v", body, err)
	}
	if got := ask(t, srv.Listener.Addr(), link); got.Status != http.StatusGone {
		t.Errorf("a resume: %d, want 410", got.Status)
	}
}

// Signatures are as good as passwords while they last: none is in the log,
// whatever goes wrong.
func TestNoSignatureInTheLog(t *testing.T) {
	logs := servertest.CaptureLog(t)
	s := newSigner(t)
	inside := views.AsView(views.FileFunc(func(r *http.Request) (fs.File, error) { // Verify in GetFile
		if err := s.Verify(r); err != nil {
			return nil, err
		}
		return poemView{}.GetFile(r)
	}))
	panicking := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") })
	signatures := 0
	for _, tt := range []struct {
		handler http.Handler
		wrapped bool // else it is a view that logs the path
	}{{s.Wrap(views.AsView(poemView{})), true}, {inside, false}, {s.Wrap(panicking), true}} {
		srv := httptest.NewUnstartedServer(tt.handler)
		srv.Config.ErrorLog = log.New(logs, "", 0)
		srv.Start()
		for _, path := range []string{"/poem", "/missing", "/broken", "/late"} {
			link := sign(t, s, path)
			link.Scheme, link.Host = "http", srv.Listener.Addr().String()
			expired := expired(t, path)
			targets := []string{link.String(), srv.URL + expired.String(), link.String() + "&added=1", link.String() + ";", link.String() + "&%zz"}
			if tt.wrapped { // some clients escape the question mark
				targets = append(targets, srv.URL+strings.ReplaceAll(link.RequestURI(), "?", "%3F"))
			}
			for _, target := range targets {
				for _, method := range []string{"GET", "HEAD", "POST"} {
					r, err := http.NewRequest(method, target, nil)
					if err != nil {
						t.Fatal(err)
					}
					if resp, err := srv.Client().Do(r); err == nil { // the panic is a broken connection
						_, _ = io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
				}
			}
			for _, u := range []*url.URL{link, expired} {
				signatures++
				if signature := u.Query().Get("signature"); strings.Contains(logs.String(), signature[:10]) {
					t.Errorf("the signature of %s is in the log", path)
				}
			}
		}
		srv.Close()
	}
	got := logs.String()
	for _, want := range []string{"path=/poem", "the link has expired", "does not fit the URL", "a bug"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log has no %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "signature=") || strings.Contains(got, "expires=") || signatures == 0 {
		t.Errorf("the log has queries of links in it:\n%s", got)
	}
}

// Verify in GetFile comes to the same status codes.
func TestVerifyInGetFile(t *testing.T) {
	s := newSigner(t)
	view := views.AsView(views.FileFunc(func(r *http.Request) (fs.File, error) {
		if err := s.Verify(r); err != nil {
			return nil, err
		}
		return poemView{}.GetFile(r)
	}))
	for target, want := range map[string]int{"/poem": 403, expired(t, "/poem").String(): 410, sign(t, s, "/poem").String(): 200} {
		got := servertest.Record(view, "GET", target)
		if got.Status != want || want != 200 && got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v, want %d", target, got.Status, got.Header, want)
		}
	}
}

// A view behind Wrap is as good a download as it is without.
func TestConformance(t *testing.T) {
	s := newSignerWith(t, signing.Options{Now: time.Now})
	link, err := s.Sign(&url.URL{Path: "/private/poem.txt", RawQuery: "user=7"}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	storage := fstest.MapFS{"poem.txt": {Data: []byte(strings.Repeat("Roses are red.\n", 99)), ModTime: noon}}
	downloadtest.TestView(t, views.StorageDownloadView{Storage: storage},
		downloadtest.At("/private/{path...}", link.String()), downloadtest.Through(s.Wrap))
}

// The errors of the package have the status that package response looks for.
func TestStatusOfErrors(t *testing.T) {
	if got := response.Status(signing.ErrExpired); got != http.StatusGone {
		t.Errorf("ErrExpired comes to %d, want %d", got, http.StatusGone)
	}
}
