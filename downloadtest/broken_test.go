package downloadtest_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// A testing.T that fails cannot be watched from inside, so the tests of broken
// views run in another process, which this variable tells.
const brokenWanted = "DOWNLOADTEST_RUN_BROKEN"

// TestFaultsAreFound runs TestBroken in a process of its own, and compares
// which checks failed with those that should have.
func TestFaultsAreFound(t *testing.T) {
	for _, run := range []struct {
		protocol string
		faults   []fault
	}{
		{"HTTP1", slices.Concat(faults(), silent(), hanging())},
		{"HTTP2", slices.Concat(silent(), hanging())}, // where the protocol matters
	} {
		t.Run(run.protocol, func(t *testing.T) {
			t.Parallel()
			var names []string
			for _, f := range run.faults {
				names = append(names, f.name)
			}
			out := runBroken(t, fmt.Sprintf("^TestBroken$/^(%s)$/^%s$", strings.Join(names, "|"), run.protocol))
			for _, f := range run.faults {
				top := regexp.QuoteMeta("TestBroken/" + f.name + "/" + run.protocol)
				var failed []string
				for _, m := range regexp.MustCompile(`--- FAIL: `+top+`/?(\S*) `).FindAllStringSubmatch(out, -1) {
					failed = append(failed, m[1])
				}
				if err := compare(f.want, deepest(failed)); err != nil {
					t.Errorf("%s: %v", f.name, err)
				}
			}
			if t.Failed() {
				t.Logf("the output of the tests of broken views:\n%s", out)
			}
		})
	}
}

// runBroken returns the output of the tests that match pattern, which fail.
func runBroken(t *testing.T, pattern string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+pattern, "-test.timeout=1m")
	cmd.Env = append(os.Environ(), brokenWanted+"=1")
	raw, err := cmd.CombinedOutput()
	out := string(raw)
	if err == nil {
		t.Fatalf("the tests of broken views pass:\n%s", out)
	}
	if strings.Contains(out, "DATA RACE") || strings.Contains(out, "panic: ") {
		t.Fatalf("the tests of broken views broke:\n%s", out)
	}
	return out
}

// deepest returns the names of tests that are not those of a test above.
func deepest(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(names, func(other string) bool { return name == "" && other != "" || strings.HasPrefix(other, name+"/") })
	})
}

// compare reports patterns that no failed check matches, and failed checks that
// match none.
func compare(patterns, failed []string) error {
	matches := func(pattern, name string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	}
	for _, pattern := range patterns {
		if !slices.ContainsFunc(failed, func(name string) bool { return matches(pattern, name) }) {
			return fmt.Errorf("%q has not failed, but %q", pattern, failed)
		}
	}
	for _, name := range failed {
		if !slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, name) }) {
			return fmt.Errorf("%q has failed, want only %q", name, patterns)
		}
	}
	return nil
}

// TestBroken fails. It is run by TestFaultsAreFound alone.
func TestBroken(t *testing.T) {
	if os.Getenv(brokenWanted) == "" {
		// It is there to fail; TestFaultsAreFound looks at how.
		t.Skip("run by TestFaultsAreFound, in a process of its own")
	}
	restore := downloadtest.SetPatience(500 * time.Millisecond)
	for _, f := range hanging() {
		t.Run(f.name, f.test)
	}
	restore()
	for _, f := range slices.Concat(faults(), silent()) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.test(t)
		})
	}
}

// fault is a broken view, and the checks that must find it out, as patterns of
// path.Match; no others may fail.
type fault struct {
	name string
	what any // a view, or a handler
	opts []downloadtest.Option
	want []string
}

func (f fault) test(t *testing.T) {
	switch what := f.what.(type) {
	case views.DownloadView:
		downloadtest.TestView(t, what, f.opts...)
	case http.Handler:
		downloadtest.TestHandler(t, what, f.opts...)
	}
}

// hello is a good view, to be broken by what is in front of it.
var hello = text("Hello world!", "hello.txt")

func faults() []fault {
	return slices.Concat(brokenViews(), brokenHeaders(), brokenRequests(), brokenContent(), brokenCodings(), brokenHandlers())
}

// brokenViews do not answer at all.
func brokenViews() []fault {
	return []fault{
		{name: "missing", what: virtual(func(*http.Request) (fs.File, error) { return nil, fs.ErrNotExist }), want: []string{""}},
		{name: "shorter_than_its_size", what: generated(func(f *files.VirtualFile) { f.Size = 1 << 20 }), want: []string{""}},
	}
}

// brokenHeaders say what is not true, or not safe.
func brokenHeaders() []fault {
	disposition := func(value string) []downloadtest.Option {
		return through(header(func(_ *http.Request, _ int, h http.Header) { h.Set("Content-Disposition", value) },
			http.StatusOK, http.StatusPartialContent))
	}
	onlyOn := func(status int, key, value string) []downloadtest.Option {
		return through(header(func(_ *http.Request, _ int, h http.Header) {
			h.Del(key)
			if value != "" {
				h.Set(key, value)
			}
		}, status))
	}
	var serial atomic.Int64
	return []fault{
		{"no_disposition", hello, onlyOn(200, "Content-Disposition", ""), []string{"headers"}},
		{"other_disposition", hello, disposition(`download; filename="a.txt"`), []string{"headers"}},
		{"malformed_disposition", hello, disposition(`attachment; filename="a`), []string{"headers"}},
		{"no_name", hello, disposition(`attachment`), []string{"headers"}},
		{"path_in_name", hello, disposition(`attachment; filename="../a.txt"`), []string{"headers"}},
		{"bidi_in_name", hello, disposition(`attachment; filename="a.txt"; filename*=UTF-8''%E2%80%AEa.txt`), []string{"headers"}},
		{"no_fallback", hello, disposition(`attachment; filename*=UTF-8''a.txt`), []string{"headers"}},
		{"percent_in_fallback", hello, disposition(`attachment; filename="%41.txt"`), []string{"headers"}},
		{"no_nosniff", hello, onlyOn(200, "X-Content-Type-Options", ""), []string{"headers"}},
		{"malformed_type", hello, onlyOn(200, "Content-Type", "text/"), []string{"headers", "ranges/*"}},
		{"malformed_tag", hello, onlyOn(200, "Etag", "1"), []string{"headers", "conditions/If-None-Match_*", "ranges/*"}},
		{"weak_tag_of_304", hello, onlyOn(304, "Etag", `W/"1"`), []string{"conditions/If-None-Match_*"}},
		{"304_without_tag", hello, onlyOn(304, "Etag", ""), []string{"conditions/If-None-Match_*"}},
		{"304_with_name", hello, onlyOn(304, "Content-Disposition", "attachment"), []string{"conditions/If-None-Match_*"}},
		{"412_with_name", hello, onlyOn(412, "Content-Disposition", "attachment"), []string{"conditions/If-Match_*"}},
		{"416_with_name", hello, onlyOn(416, "Content-Disposition", "attachment"), []string{"ranges/unsatisfiable", "ranges/suffix_of_nothing"}},
		{"416_without_length", hello, onlyOn(416, "Content-Range", ""), []string{"ranges/unsatisfiable", "ranges/suffix_of_nothing"}},
		{"wrong_content_range", hello, onlyOn(206, "Content-Range", "bytes 0-0/1000"), []string{"ranges/*"}},
		{"wrong_range_type", hello, onlyOn(206, "Content-Type", "text/html"), []string{"ranges/*"}},
		{"no_accept_ranges", hello, onlyOn(200, "Accept-Ranges", ""), []string{"ranges"}},
		{"untrue_accept_ranges", hello, onlyOn(200, "Accept-Ranges", "none"), []string{"ranges"}},
		{"head_without_length", hello, through(header(func(r *http.Request, _ int, h http.Header) {
			if r.Method == http.MethodHead {
				h.Del("Content-Length")
			}
		}, 200)), []string{"HEAD"}},
		{"head_with_other_tag", hello, through(header(func(r *http.Request, _ int, h http.Header) {
			if r.Method == http.MethodHead {
				h.Set("Etag", `"head"`)
			}
		}, 200)), []string{"HEAD"}},
		{"tag_changes", hello, through(header(func(_ *http.Request, _ int, h http.Header) {
			h.Set("Etag", fmt.Sprintf(`"%d"`, serial.Add(1)))
		}, 200)), []string{"same_content", "HEAD", "conditions/*_own", "conditions/If-None-Match_*", "ranges/*"}},
		{"405_without_allow", hello, onlyOn(405, "Allow", ""), []string{"POST"}},
	}
}

// brokenRequests never reach the view as they were.
func brokenRequests() []fault {
	without := func(key string) []downloadtest.Option {
		return through(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r = r.Clone(r.Context())
				r.Header.Del(key)
				next.ServeHTTP(w, r)
			})
		})
	}
	asGet := func(method string) []downloadtest.Option {
		return through(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == method {
					r = r.Clone(r.Context())
					r.Method = http.MethodGet
				}
				next.ServeHTTP(w, r)
			})
		})
	}
	return []fault{
		{"if_match_ignored", hello, without("If-Match"), []string{"conditions/If-Match_other", "conditions/If-Match_weak", "conditions/If-Match_before_If-None-Match"}},
		{"if_none_match_ignored", hello, without("If-None-Match"), []string{"conditions/If-None-Match_*"}},
		{"if_modified_since_ignored", hello, without("If-Modified-Since"), []string{"conditions/If-Modified-Since"}},
		{"if_range_ignored", hello, without("If-Range"), []string{"conditions/If-Range_other", "conditions/If-Range_weak", "conditions/If-Range_date"}},
		{"range_ignored", hello, without("Range"), []string{"conditions/If-Range_own", "ranges/*"}},
		{"head_is_get", generated(nil), asGet(http.MethodHead), []string{"HEAD"}},
		{"post_is_get", hello, asGet(http.MethodPost), []string{"POST"}},
	}
}

// brokenContent is not what its header says.
func brokenContent() []fault {
	var serial atomic.Int64
	changing := virtual(func(*http.Request) (fs.File, error) {
		return files.NewVirtualFile(io.MultiReader(strings.NewReader(fmt.Sprintf("content %d", serial.Add(1)))), "a.txt"), nil
	})
	changingUnderOneTag := virtual(func(*http.Request) (fs.File, error) {
		file := files.NewVirtualFile(io.MultiReader(strings.NewReader(fmt.Sprintf("content %d", serial.Add(1)))), "a.txt")
		file.ETag = `"1"`
		return file, nil
	})
	offByOne := virtual(func(*http.Request) (fs.File, error) {
		file := files.NewVirtualFile(badSeeker{strings.NewReader("Hello world!")}, "hello.txt")
		file.Size = 12
		return file, nil
	})
	return []fault{
		{"changing", changing, nil, []string{"same_content", "conditions/*", "ranges"}},
		{"changing_under_one_tag", changingUnderOneTag, []downloadtest.Option{downloadtest.Changing()}, []string{"same_content"}},
		{"seeks_to_wrong_place", offByOne, nil, []string{"ranges/last_byte", "ranges/middle", "ranges/open_ended", "ranges/several*", "ranges/suffix"}},
		{"no_ranges_although_wanted", generated(nil), []downloadtest.Option{downloadtest.Ranges(true)}, []string{"ranges"}},
		{"ranges_although_not_wanted", hello, []downloadtest.Option{downloadtest.Ranges(false)}, []string{"ranges"}},
	}
}

// badSeeker is off by one, but for the beginning.
type badSeeker struct{ *strings.Reader }

func (s badSeeker) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekStart && offset > 0 {
		offset--
	}
	return s.Reader.Seek(offset, whence)
}

func (s badSeeker) ReadAt(p []byte, off int64) (int, error) {
	return s.Reader.ReadAt(p, max(off-1, 0))
}

// brokenCodings are views that mix up the forms of their content.
func brokenCodings() []fault {
	forms := func(coded string, accepts func(field string) bool, change func(plain, coded *files.DescribedFile)) views.DownloadView {
		return virtual(func(r *http.Request) (fs.File, error) {
			plain := files.NewDescribedFile(files.NewContentFile("Hello world!", "hello.txt"))
			gzipped := files.NewDescribedFile(files.NewContentFile(coded, "hello.txt"))
			plain.Encoding, gzipped.Encoding = "identity", "gzip"
			change(plain, gzipped)
			if accepts(r.Header.Get("Accept-Encoding")) {
				return gzipped, nil
			}
			return plain, nil
		})
	}
	var b strings.Builder
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, "Hello world!")
	_ = w.Close()
	hello := b.String()
	asked := func(field string) bool { return field == "gzip" }
	named := func(field string) bool { return strings.Contains(field, "gzip") }
	right := func(_, _ *files.DescribedFile) {}
	want := []string{"codings/gzip"}
	return []fault{
		{"form_of_other_content", forms("Hello world!", asked, right), nil, want},
		{"form_for_those_who_refuse_it", forms(hello, named, right), nil, want},
		{"form_of_another_type", forms(hello, asked, func(_, coded *files.DescribedFile) { coded.ContentType = "application/gzip" }), nil, want},
		{"form_of_another_name", forms(hello, asked, func(_, coded *files.DescribedFile) { coded.Name = "hello.txt.gz" }), nil, want},
		{"form_with_the_same_tag", forms(hello, asked, func(plain, coded *files.DescribedFile) { plain.ETag, coded.ETag = `"1"`, `"1"` }), nil, want},
		{"form_that_no_cache_is_told_of", forms(hello, asked, func(plain, _ *files.DescribedFile) { plain.Encoding = "" }), nil, want},
	}
}

// silent views fail without a word, or do worse.
func silent() []fault {
	shared := files.NewContentFile("", "empty.txt")
	swallow := through(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() { _ = recover() }()
			next.ServeHTTP(opaqueWriter{w}, r) // and the connection is out of reach
		})
	})
	return []fault{
		{"abort_swallowed", generated(nil), swallow, []string{"failure/midway"}},
		{"error_as_content", errorAsContent{}, nil, []string{"failure/at_once"}},
		{"shared_file", virtual(func(*http.Request) (fs.File, error) { return shared, nil }), nil, []string{"closing"}},
	}
}

// opaqueWriter is a ResponseWriter that does not show what it is around.
type opaqueWriter struct{ inner http.ResponseWriter }

func (w opaqueWriter) Header() http.Header         { return w.inner.Header() }
func (w opaqueWriter) Write(p []byte) (int, error) { return w.inner.Write(p) }
func (w opaqueWriter) WriteHeader(status int)      { w.inner.WriteHeader(status) }

// hanging views go on where they should stop.
func hanging() []fault {
	forever := make(chan struct{})
	waits := virtual(func(r *http.Request) (fs.File, error) {
		return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			for range 100 {
				if _, err := io.WriteString(w, strings.Repeat("x", 1<<10)); err != nil {
					if r.Context().Err() != nil {
						<-forever // instead of leaving with the client
					}
					return err
				}
			}
			return nil
		}), "x.txt"), nil
	})
	starts := virtual(func(*http.Request) (fs.File, error) {
		go func() { <-forever }()
		return files.NewContentFile("Hello world!", "hello.txt"), nil
	})
	pulls := virtual(func(*http.Request) (fs.File, error) {
		next, _ := iter.Pull(generate) // nobody stops it
		row, _ := next()
		return files.NewContentFile(row, "row.txt"), nil
	})
	return []fault{
		{"works_on_for_nobody", waits, nil, []string{"closing/client_leaves", "goroutines"}},
		{"leaves_goroutines", starts, nil, []string{"goroutines"}},
		{"leaves_coroutines", pulls, nil, []string{"goroutines"}},
		{"handler_that_works_on_for_nobody", views.AsView(waits), nil, []string{"client_leaves", "goroutines"}},
	}
}

// errorAsContent is a view that reports its failures with status 200.
type errorAsContent struct{ views.VirtualDownloadView }

func (errorAsContent) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("Hello world!", "hello.txt"), nil
}

func (errorAsContent) HandleError(w http.ResponseWriter, _ *http.Request, err error) {
	fmt.Fprintln(w, "sorry:", err)
}

func through(wrap func(http.Handler) http.Handler) []downloadtest.Option {
	return []downloadtest.Option{downloadtest.Through(wrap)}
}

// header returns middleware that changes the header of answers with one of the
// statuses.
func header(change func(r *http.Request, status int, h http.Header), statuses ...int) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&headerWriter{w, func(status int) {
				if slices.Contains(statuses, status) {
					change(r, status, w.Header())
				}
			}}, r)
		})
	}
}

type headerWriter struct {
	http.ResponseWriter
	change func(status int)
}

func (w *headerWriter) WriteHeader(status int) {
	w.change(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *headerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
