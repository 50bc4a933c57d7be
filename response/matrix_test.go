package response_test

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// The tables for conditions and ranges are run over every kind of content and
// over both versions of HTTP. All of them must come to the same answer.

// A row is one request of a table, and the answer to it.
type row struct {
	reason string
	rfc    string   // the section of RFC 9110 that decides
	header []string // names and values in turn
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
		return o.virtual(randomAccess{r})
	}}
	overGenerator = kind{"generated", func(o offer) fs.File {
		return o.virtual(files.NewStringIteratorIO(chunks(o.content, 7)))
	}}

	allKinds = []kind{overMemory, overSeeker, overReaderAt, overGenerator}
)

// randomAccess cannot seek.
type randomAccess struct{ of *strings.Reader }

func (r randomAccess) Read(p []byte) (int, error)              { return r.of.Read(p) }
func (r randomAccess) ReadAt(p []byte, off int64) (int, error) { return r.of.ReadAt(p, off) }

func (o offer) virtual(r io.Reader) fs.File {
	f := files.NewVirtualFile(r, "file.txt")
	f.Size, f.ETag, f.ModTime = int64(len(o.content)), o.etag, o.modTime
	return f
}

// callers are fields that a caller sets before the answer is made.
var callers = http.Header{
	"Cache-Control":    {"max-age=60"},
	"Content-Location": {"/the-file"},
	"Expires":          {"Thu, 01 Jan 2099 00:00:00 GMT"},
	"Vary":             {"Accept-Language"},
}

// over returns a handler that answers with a file of that kind.
func (o offer) over(k kind) http.Handler {
	return after(callers, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := response.New(k.open(o), o.options)
		d.WasModifiedSince = o.wasModifiedSince
		d.ServeHTTP(w, r)
	}))
}

// header returns all of the header that an answer to r must have, but Date.
func (o offer) header(k kind, r row) http.Header {
	h := http.Header{"X-Content-Type-Options": {"nosniff"}, "Content-Type": {"text/plain; charset=utf-8"}}
	set := func(key, value string) {
		if value != "" {
			h.Set(key, value)
		}
	}
	validators := func() {
		maps.Copy(h, callers)
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
		clear(h)
		validators()
	default:
		set("Cache-Control", "no-store")
		set("Vary", callers.Get("Vary"))
	}
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
	o.method = cmp.Or(o.method, http.MethodGet)
	if o.kinds == nil {
		o.kinds = allKinds
	}
	for _, protocol := range servertest.Protocols {
		srv := servertest.StartTLS(t, protocol, nil)
		// One connection for all rows: an answer that is too long would spoil the next.
		srv.Client().Transport.(*http.Transport).DisableKeepAlives = false
		for _, k := range o.kinds {
			srv.Handler = o.over(k)
			for _, r := range rows {
				if k.name == overGenerator.name && stepsBack(t, o.content, r.ranges) {
					r.status, r.ranges = http.StatusOK, "" // it is generated once
				}
				t.Run(protocol+"/"+k.name+"/"+r.reason, func(t *testing.T) {
					if r.reason == "" || r.rfc == "" {
						t.Fatal("a row without its reason or its section")
					}
					o.check(t, k, r, srv.Do(t, o.method, "/", r.header...))
				})
			}
		}
	}
}

// check compares an answer with what r wants.
func (o offer) check(t *testing.T, k kind, r row, got servertest.Answer) {
	t.Helper()
	if got.Status != r.status || got.Err != nil {
		t.Fatalf("status %d (%v), want %d\nfor %q (RFC 9110 §%s)", got.Status, got.Err, r.status, r.header, r.rfc)
	}
	length := got.Header.Get("Content-Length")
	if o.method != http.MethodHead && r.status != http.StatusNotModified && length != strconv.Itoa(len(got.Body)) {
		t.Errorf("Content-Length %s for a body of %d bytes", length, len(got.Body))
	}
	if o.method == http.MethodHead && r.status == http.StatusOK && length != strconv.Itoa(len(o.content)) {
		t.Errorf("Content-Length %s for a file of %d bytes", length, len(o.content))
	}
	got.Header.Del("Date")
	if r.status != http.StatusNotModified { // a 304 must not have one here
		got.Header.Del("Content-Length")
	}
	want := ""
	switch {
	case o.method == http.MethodHead:
	case r.status == http.StatusOK:
		want = o.content
	case r.status == http.StatusPartialContent && strings.Contains(r.ranges, ","):
		if diff := gocmp.Diff(partsOf(t, o.content, r.ranges), readParts(t, got)); diff != "" {
			t.Errorf("parts (-want +got):\n%s", diff)
		}
		got.Header.Set("Content-Type", "text/plain; charset=utf-8") // readParts has seen the true one
		want = got.Body
	case r.status == http.StatusPartialContent:
		want = partsOf(t, o.content, r.ranges)[0].Body
	case r.status != http.StatusNotModified:
		want = http.StatusText(r.status) + "\n"
	}
	if diff := gocmp.Diff(want, got.Body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(o.header(k, r), got.Header); diff != "" {
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

// boundary returns what is between the parts of a multipart/byteranges body.
func boundary(t *testing.T, got servertest.Answer) string {
	t.Helper()
	mediaType, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/byteranges" {
		t.Fatalf("Content-Type %q (%v), want multipart/byteranges", got.Header.Get("Content-Type"), err)
	}
	return params["boundary"]
}

// readParts returns the parts of a multipart/byteranges body.
func readParts(t *testing.T, got servertest.Answer) []part {
	t.Helper()
	var parts []part
	for r := multipart.NewReader(strings.NewReader(got.Body), boundary(t, got)); ; {
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
