package views_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/origin"
	"github.com/go-downloadview/downloadview/views"
)

// startProxy returns a server with a view of what is at path on origin.
func startProxy(t testing.TB, protocol string, remote *servertest.Server, path string) *servertest.Server {
	t.Helper()
	return servertest.Start(t, protocol, views.AsView(views.HTTPDownloadView{
		URL:    func(*http.Request) (string, error) { return remote.URL + path, nil },
		Origin: origin.Options{Client: remote.Client()},
	}))
}

// ask is [servertest.Server.Do] with the header in a map.
func ask(t *testing.T, srv *servertest.Server, method string, header http.Header) servertest.Answer {
	t.Helper()
	var fields []string
	for key, lines := range header {
		for _, line := range lines {
			fields = append(fields, key, line)
		}
	}
	return srv.Do(t, method, "/", fields...)
}

const (
	originTag  = `"v1"`
	originDate = "Sat, 14 Mar 2026 15:09:26 GMT"
	originText = "The quick brown fox jumps over the lazy dog."
)

var originModTime, _ = http.ParseTime(originDate)

// serveOrigin answers as net/http does, with the validators that are not empty.
func serveOrigin(etag string, modTime time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if etag != "" {
			w.Header().Set("Etag", etag)
		}
		w.Header().Set("Content-Type", "text/x-fox")
		http.ServeContent(w, r, "", modTime, strings.NewReader(originText))
	}
}

// plainFile hides that content is in memory, so that it has no entity tag.
type plainFile struct{ io.ReadSeeker }

// A file at a URL is presented like one that is here: for every kind of origin,
// each request has the answer that the same file in memory has.
func TestHTTPDownloadViewAnswersLikeALocalFile(t *testing.T) {
	const before, after = "Fri, 13 Mar 2026 00:00:00 GMT", "Sun, 15 Mar 2026 00:00:00 GMT"
	local := func(etag string, modTime time.Time) func() fs.File {
		return func() fs.File {
			f := files.NewVirtualFile(plainFile{strings.NewReader(originText)}, "fox.txt")
			f.ContentType, f.ETag, f.ModTime = "text/x-fox", etag, modTime
			return f
		}
	}
	origins := []struct {
		name string
		h    http.HandlerFunc
		file func() fs.File
		many bool // several ranges; else what it has are generated
	}{
		{"net/http", serveOrigin(originTag, originModTime), local(originTag, originModTime), true},
		{"net/http, a date alone", serveOrigin("", originModTime), local("", originModTime), true},
		// Parts that nobody can tell the version of do not go together.
		{"net/http, no validator", serveOrigin("", time.Time{}), func() fs.File {
			f := files.NewVirtualFile(struct{ io.Reader }{strings.NewReader(originText)}, "fox.txt")
			f.ContentType, f.Size = "text/x-fox", int64(len(originText))
			return f
		}, true},
		{"this library", views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) {
			return local(originTag, originModTime)(), nil
		})), local(originTag, originModTime), true},
		{"no ranges, no conditions", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", originTag)
			w.Header().Set("Last-Modified", originDate)
			w.Header().Set("Content-Type", "text/x-fox")
			io.WriteString(w, originText)
		}, local(originTag, originModTime), false},
	}
	requests := []struct {
		reason string
		header http.Header
		many   bool
	}{
		{"the whole", nil, false},
		{"the beginning", http.Header{"Range": {"bytes=0-4"}}, false},
		{"a part", http.Header{"Range": {"bytes=4-8"}}, false},
		{"to the end", http.Header{"Range": {"bytes=4-"}}, false},
		{"a suffix", http.Header{"Range": {"bytes=-4"}}, false},
		{"all of it", http.Header{"Range": {"bytes=0-"}}, false},
		{"beyond the end", http.Header{"Range": {"bytes=4-1000"}}, false},
		{"unsatisfiable", http.Header{"Range": {"bytes=44-"}}, false},
		{"nothing", http.Header{"Range": {"bytes=-0"}}, false},
		{"malformed", http.Header{"Range": {"bytes=4-2"}}, false},
		{"another unit", http.Header{"Range": {"lines=1-2"}}, false},
		{"upper case", http.Header{"Range": {"BYTES=4-8"}}, false},
		{"two ranges", http.Header{"Range": {"bytes=4-8,10-14"}}, true},
		{"two lines", http.Header{"Range": {"bytes=4-8", "10-14"}}, true},
		{"backward", http.Header{"Range": {"bytes=10-14,4-8"}}, true},
		{"overlapping", http.Header{"Range": {"bytes=4-8,6-14"}}, true},
		{"two ranges, one unsatisfiable", http.Header{"Range": {"bytes=99-,4-8"}}, true},
		{"If-Range, tag", http.Header{"Range": {"bytes=4-8"}, "If-Range": {originTag}}, false},
		{"If-Range, another tag", http.Header{"Range": {"bytes=4-8"}, "If-Range": {`"v0"`}}, false},
		{"If-Range, weak", http.Header{"Range": {"bytes=4-8"}, "If-Range": {"W/" + originTag}}, false},
		{"If-Range, date", http.Header{"Range": {"bytes=4-8"}, "If-Range": {originDate}}, false},
		{"If-Range, another date", http.Header{"Range": {"bytes=4-8"}, "If-Range": {after}}, false},
		{"If-Range, unsatisfiable", http.Header{"Range": {"bytes=44-"}, "If-Range": {originTag}}, false},
		{"If-None-Match", http.Header{"If-None-Match": {originTag}}, false},
		{"If-None-Match, weak", http.Header{"If-None-Match": {"W/" + originTag}}, false},
		{"If-None-Match, list", http.Header{"If-None-Match": {`"v0", "v1"`}}, false},
		{"If-None-Match, lines", http.Header{"If-None-Match": {`"v0"`, `"v1"`}}, false},
		{"If-None-Match, other", http.Header{"If-None-Match": {`"v0"`}}, false},
		{"If-None-Match, any", http.Header{"If-None-Match": {"*"}}, false},
		{"If-None-Match overrules", http.Header{"If-None-Match": {`"v0"`}, "If-Modified-Since": {after}}, false},
		{"If-None-Match and Range", http.Header{"If-None-Match": {originTag}, "Range": {"bytes=4-8"}}, false},
		{"If-Modified-Since", http.Header{"If-Modified-Since": {originDate}}, false},
		{"If-Modified-Since, before", http.Header{"If-Modified-Since": {before}}, false},
		{"If-Modified-Since, after", http.Header{"If-Modified-Since": {after}}, false},
		{"If-Modified-Since, nonsense", http.Header{"If-Modified-Since": {"yesterday"}}, false},
		{"If-Match", http.Header{"If-Match": {originTag}}, false},
		{"If-Match, any", http.Header{"If-Match": {"*"}}, false},
		{"If-Match, other", http.Header{"If-Match": {`"v0"`}}, false},
		{"If-Match, weak", http.Header{"If-Match": {"W/" + originTag}}, false},
		{"If-Match and Range", http.Header{"If-Match": {originTag}, "Range": {"bytes=4-8"}}, false},
		{"If-Match and an unsatisfiable Range", http.Header{"If-Match": {originTag}, "Range": {"bytes=44-"}}, false},
		{"If-Unmodified-Since", http.Header{"If-Unmodified-Since": {originDate}}, false},
		{"If-Unmodified-Since, before", http.Header{"If-Unmodified-Since": {before}}, false},
	}
	for _, protocol := range servertest.Protocols {
		for _, o := range origins {
			remote := servertest.Start(t, protocol, o.h)
			proxy := servertest.Start(t, protocol, views.AsView(views.HTTPDownloadView{
				URL:    func(*http.Request) (string, error) { return remote.URL + "/fox.txt", nil },
				Origin: origin.Options{Client: remote.Client(), GeneratedRanges: !o.many},
			}))
			here := servertest.Start(t, protocol, views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) { return o.file(), nil })))
			for _, method := range []string{"GET", "HEAD"} {
				for _, tt := range requests {
					if tt.many && !o.many {
						continue // what cannot be repeated has one range at a time
					}
					if tt.reason == "unsatisfiable" && o.name == "net/http, no validator" {
						continue // the origin has ranges, and says so by 416
					}
					t.Run(protocol+"/"+o.name+"/"+method+"/"+tt.reason, func(t *testing.T) {
						want, got := transcript(t, here, method, tt.header), transcript(t, proxy, method, tt.header)
						if diff := cmp.Diff(want, got); diff != "" {
							t.Error("(-here +at a URL):\n" + diff)
						}
					})
				}
			}
		}
	}
}

// The conformance suite, over origins that can do more and less.
func TestHTTPDownloadViewConforms(t *testing.T) {
	content := func(etag string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", etag)
			io.WriteString(w, originText)
		}
	}
	for _, tt := range []struct {
		reason string
		h      http.HandlerFunc
	}{
		{"ranges and both validators", serveOrigin(originTag, originModTime)},
		{"ranges and a weak tag", serveOrigin("W/"+originTag, originModTime)},
		{"ranges and a date", serveOrigin("", originModTime)},
		{"ranges and no validator", serveOrigin("", time.Time{})},
		{"no ranges, a strong tag", content(originTag)},
		{"no ranges, a weak tag", content("W/" + originTag)},
		{"nothing but the content", content("")},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			remote := servertest.Start(t, "HTTP/1.1", tt.h)
			downloadtest.TestView(t, views.HTTPDownloadView{
				URL:    func(*http.Request) (string, error) { return remote.URL + "/fox.txt", nil },
				Origin: origin.Options{Client: remote.Client()},
			})
		})
	}
}

var boundaries = regexp.MustCompile(`[0-9A-Z]{26}`)

// transcript is an answer in a form that can be compared.
func transcript(t *testing.T, srv *servertest.Server, method string, header http.Header) string {
	t.Helper()
	got := ask(t, srv, method, header)
	if got.Err != nil {
		t.Error(got.Err)
	}
	var b strings.Builder
	fmt.Fprintln(&b, got.Status, got.Length)
	got.Header.Del("Date")
	if got.Status == http.StatusNotModified && got.Header.Get("Etag") != "" {
		got.Header.Del("Last-Modified") // origins may leave it out (RFC 9110 §15.4.5)
	}
	got.Header.Write(&b)
	fmt.Fprintf(&b, "%q", got.Body)
	return boundaries.ReplaceAllString(b.String(), "boundary")
}

// EagerDownloadView decides for itself what was modified.
type EagerDownloadView struct{ views.HTTPDownloadView }

func (EagerDownloadView) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }

// The view's hook has the last word, over the origin's 304 too.
func TestHTTPDownloadViewHookOverrulesTheOrigin(t *testing.T) {
	remote := servertest.Start(t, "HTTP/1.1", serveOrigin("", originModTime))
	v := EagerDownloadView{views.HTTPDownloadView{
		URL:    func(*http.Request) (string, error) { return remote.URL, nil },
		Origin: origin.Options{Client: remote.Client()},
	}}
	got := ask(t, servertest.Start(t, "HTTP/1.1", views.AsView(v)), "GET", http.Header{"If-Modified-Since": {originDate}})
	if got.Status != 200 || got.Body != originText || got.Err != nil {
		t.Errorf("status %d, %q, %v", got.Status, got.Body, got.Err)
	}
}

func TestHTTPDownloadViewWithoutURL(t *testing.T) {
	defer func() {
		if v := fmt.Sprint(recover()); !strings.Contains(v, "HTTPDownloadView") || !strings.Contains(v, "URL") {
			t.Errorf("panic %q, want one that names the mistake", v)
		}
	}()
	views.AsView(views.HTTPDownloadView{})
}
