package response_test

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	gocmp "github.com/google/go-cmp/cmp"
)

// The tables for conditions and ranges are run over every kind of content and
// over both versions of HTTP. All of them must come to the same answer.

// A row is one request of a table, and the answer to it.
type row struct {
	reason string
	rfc    string   // the section of RFC 9110 that decides
	header []string // lines "Name: value"; a name may be repeated
	status int
	ranges string // what a 206 carries, "0-4" or "0-1,5-6"
}

// An offer is the file that all rows of a table ask for.
type offer struct {
	method  string // "": GET
	content string
	etag    string
	modTime time.Time
	options response.Options
	kinds   []kind // nil: all of them

	wasModifiedSince func(since time.Time) bool
}

// A kind is a way to have a file over some content.
type kind struct {
	name string
	open func(o offer) fs.File
}

var (
	overMemory = kind{"in memory", func(o offer) fs.File {
		f := files.NewContentFile(o.content, "file.txt")
		f.ETag, f.ModTime = o.etag, o.modTime
		return f
	}}
	overSeeker = kind{"seekable", func(o offer) fs.File {
		return o.virtual(struct{ io.ReadSeeker }{strings.NewReader(o.content)})
	}}
	overReaderAt = kind{"random access", func(o offer) fs.File {
		r := strings.NewReader(o.content)
		return o.virtual(struct {
			io.Reader
			io.ReaderAt
		}{r, r})
	}}
	overGenerator = kind{"generated", func(o offer) fs.File {
		return o.virtual(files.NewStringIteratorIO(piecesOf(o.content, 7)))
	}}

	allKinds = []kind{overMemory, overSeeker, overReaderAt, overGenerator}
)

func (o offer) virtual(r io.Reader) fs.File {
	f := files.NewVirtualFile(r, "file.txt")
	f.Size, f.ETag, f.ModTime = int64(len(o.content)), o.etag, o.modTime
	return f
}

// piecesOf generates content in pieces of n bytes.
func piecesOf(content string, n int) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := 0; i < len(content); i += n {
			if !yield(content[i:min(i+n, len(content))]) {
				return
			}
		}
	}
}

// callers are fields that a caller sets before the answer is made.
var callers = map[string]string{
	"Cache-Control":    "max-age=60",
	"Content-Location": "/the-file",
	"Expires":          "Thu, 01 Jan 2099 00:00:00 GMT",
	"Vary":             "Accept-Language",
}

// serve answers with a file of the kind that the query names.
func (o offer) serve(w http.ResponseWriter, r *http.Request) {
	for key, value := range callers {
		w.Header().Set(key, value)
	}
	for _, k := range allKinds {
		if k.name == r.URL.Query().Get("kind") {
			d := response.New(k.open(o), o.options)
			d.WasModifiedSince = o.wasModifiedSince
			d.ServeHTTP(w, r)
			return
		}
	}
	panic("no such kind of content")
}

// header returns all of the header that an answer to r must have, but Date.
func (o offer) header(k kind, r row) http.Header {
	h := http.Header{}
	set := func(key, value string) {
		if value != "" {
			h.Set(key, value)
		}
	}
	validators := func() {
		for key, value := range callers {
			set(key, value)
		}
		set("Etag", o.etag)
		if !o.modTime.IsZero() {
			set("Last-Modified", o.modTime.UTC().Format(http.TimeFormat))
		}
	}
	switch r.status {
	case http.StatusOK, http.StatusPartialContent:
		validators()
		set("Content-Disposition", `attachment; filename="file.txt"`)
		set("Accept-Ranges", o.acceptRanges(k))
	case http.StatusNotModified:
		validators()
		return h
	default:
		set("Cache-Control", "no-store")
		set("Vary", callers["Vary"])
	}
	set("X-Content-Type-Options", "nosniff")
	set("Content-Type", "text/plain; charset=utf-8")
	switch {
	case r.status == http.StatusRequestedRangeNotSatisfiable:
		set("Content-Range", fmt.Sprintf("bytes */%d", len(o.content)))
	case r.status == http.StatusPartialContent && !strings.Contains(r.ranges, ","):
		set("Content-Range", fmt.Sprintf("bytes %s/%d", r.ranges, len(o.content)))
	}
	return h
}

// acceptRanges is what Accept-Ranges must say: content that is generated has
// ranges if its author vouches for its bytes, an empty file has none.
func (o offer) acceptRanges(k kind) string {
	repeatable := k.name != overGenerator.name || strings.HasPrefix(o.etag, `"`) && !o.options.NoGeneratedRanges
	if repeatable && o.content != "" {
		return "bytes"
	}
	return "none"
}

// run asks for each row of a table, in all ways that there are.
func (o offer) run(t *testing.T, rows []row) {
	t.Helper()
	if o.method == "" {
		o.method = http.MethodGet
	}
	if o.kinds == nil {
		o.kinds = allKinds
	}
	for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(o.serve))
		srv.EnableHTTP2 = version == "HTTP/2.0"
		srv.StartTLS()
		defer srv.Close()
		client := srv.Client()
		client.Transport.(*http.Transport).DisableCompression = true
		for _, k := range o.kinds {
			for _, r := range rows {
				if k.name == overGenerator.name && stepsBack(t, o.content, r.ranges) {
					r.status, r.ranges = http.StatusOK, "" // it is generated once
				}
				t.Run(version+"/"+k.name+"/"+r.reason, func(t *testing.T) {
					if r.reason == "" || r.rfc == "" {
						t.Fatal("a row without its reason or its section")
					}
					res, body := exchange(t, client, newRequest(t, o.method, srv.URL+"?kind="+strings.ReplaceAll(k.name, " ", "+"), r.header...))
					if res.Proto != version {
						t.Fatalf("spoke %s, want %s", res.Proto, version)
					}
					o.check(t, k, r, res, body)
				})
			}
		}
	}
}

// check compares an answer with what r wants.
func (o offer) check(t *testing.T, k kind, r row, res *http.Response, body string) {
	t.Helper()
	if res.StatusCode != r.status {
		t.Fatalf("status %d, want %d\nfor %q (RFC 9110 §%s)", res.StatusCode, r.status, r.header, r.rfc)
	}
	length := res.Header.Get("Content-Length")
	if o.method != http.MethodHead && r.status != http.StatusNotModified && length != strconv.Itoa(len(body)) {
		t.Errorf("Content-Length %s for a body of %d bytes", length, len(body))
	}
	if o.method == http.MethodHead && r.status == http.StatusOK && length != strconv.Itoa(len(o.content)) {
		t.Errorf("Content-Length %s for a file of %d bytes", length, len(o.content))
	}
	got := res.Header.Clone()
	got.Del("Date")
	if r.status != http.StatusNotModified { // a 304 must not have one here
		got.Del("Content-Length")
	}
	want := ""
	switch {
	case o.method == http.MethodHead:
	case r.status == http.StatusOK:
		want = o.content
	case r.status == http.StatusPartialContent && strings.Contains(r.ranges, ","):
		if diff := gocmp.Diff(partsOf(t, o.content, r.ranges), readParts(t, res, body)); diff != "" {
			t.Errorf("parts (-want +got):\n%s", diff)
		}
		got.Set("Content-Type", "text/plain; charset=utf-8") // readParts has seen the true one
		want = body
	case r.status == http.StatusPartialContent:
		want = partsOf(t, o.content, r.ranges)[0].Body
	case r.status != http.StatusNotModified:
		want = http.StatusText(r.status) + "\n"
	}
	if diff := gocmp.Diff(want, body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(o.header(k, r), got); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

// A part is one of a multipart/byteranges body.
type part struct{ Type, Range, Body string }

// stepsBack reports whether one of ranges begins before the one ahead of it.
func stepsBack(t *testing.T, content, ranges string) bool {
	if !strings.Contains(ranges, ",") {
		return false
	}
	return !slices.IsSortedFunc(partsOf(t, content, ranges), func(a, b part) int {
		return firstPos(t, a) - firstPos(t, b)
	})
}

func firstPos(t *testing.T, p part) (first int) {
	t.Helper()
	if _, err := fmt.Sscanf(p.Range, "bytes %d-", &first); err != nil {
		t.Fatal(err)
	}
	return first
}

// partsOf returns the parts of content that ranges ("0-1,5-6") stand for.
func partsOf(t *testing.T, content, ranges string) []part {
	t.Helper()
	var parts []part
	for r := range strings.SplitSeq(ranges, ",") {
		var first, last int
		if _, err := fmt.Sscanf(r, "%d-%d", &first, &last); err != nil {
			t.Fatalf("range %q: %v", r, err)
		}
		parts = append(parts, part{
			"text/plain; charset=utf-8",
			fmt.Sprintf("bytes %d-%d/%d", first, last, len(content)),
			content[first : last+1],
		})
	}
	return parts
}

// readParts returns the parts of a multipart/byteranges body.
func readParts(t *testing.T, res *http.Response, body string) []part {
	t.Helper()
	mediaType, params, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/byteranges" {
		t.Fatalf("Content-Type %q (%v), want multipart/byteranges", res.Header.Get("Content-Type"), err)
	}
	var parts []part
	for r := multipart.NewReader(strings.NewReader(body), params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatalf("part %d: %v", len(parts), err)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Fatalf("part %d: %v", len(parts), err)
		}
		if len(p.Header) != 2 {
			t.Errorf("part %d has the fields %v, want two", len(parts), p.Header)
		}
		parts = append(parts, part{p.Header.Get("Content-Type"), p.Header.Get("Content-Range"), string(b)})
	}
}

// newRequest returns a request with the lines of header, "Name: value", that
// may be repeated.
func newRequest(t testing.TB, method, url string, header ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), cmp.Or(method, http.MethodGet), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range header {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("header line %q has no colon", line)
		}
		req.Header.Add(key, strings.TrimSpace(value))
	}
	return req
}

// exchange sends req and returns the answer and its body, which must be whole.
func exchange(t testing.TB, client *http.Client, req *http.Request) (*http.Response, string) {
	t.Helper()
	res, body, err := attempt(t, client, req)
	if err != nil {
		t.Fatalf("the body breaks off after %d bytes: %v", len(body), err)
	}
	return res, body
}

// attempt sends req and returns the answer, and what of its body arrives.
func attempt(t testing.TB, client *http.Client, req *http.Request) (*http.Response, string, error) {
	t.Helper()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, string(body), err
}

// silence discards what is logged until the test ends.
func silence(t *testing.T) {
	before := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(before) })
}
