package views_test

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/views"
)

// storedContent returns size bytes, no two parts of which are the same.
func storedContent(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%07d\n", i)
	}
	return b.String()[:size]
}

// storedSizes are on both sides of where files begin to go by sendfile(2).
var storedSizes = []int{1 << 10, 300 << 10}

// storedTraits say what is wanted of a stored file beyond its content.
type storedTraits struct {
	name     string // default: content.txt
	noTag    bool
	noDate   bool
	oneRange bool // several at a time are not to be had
}

// testStored tests that h, at target, serves content as HTTP has it.
func testStored(t *testing.T, h http.Handler, target, content string, want storedTraits) {
	t.Helper()
	servertest.OverEach(t, h, func(t *testing.T, srv *servertest.Server) {
		whole := srv.Do(t, "GET", target)
		whole.Check(t, 200, content)
		tag, date := whole.Header.Get("Etag"), whole.Header.Get("Last-Modified")
		if (tag == "") != want.noTag || strings.HasPrefix(tag, "W/") {
			t.Errorf("ETag %q, want none: %v, else a strong one", tag, want.noTag)
		}
		if (date == "") != want.noDate {
			t.Errorf("Last-Modified %q, want none: %v", date, want.noDate)
		}
		if want.name == "" {
			want.name = "content.txt"
		}
		for key, value := range map[string]string{
			"Accept-Ranges":       "bytes",
			"Content-Disposition": `attachment; filename="` + want.name + `"`,
			"Content-Length":      strconv.Itoa(len(content)),
			"Content-Type":        "text/plain; charset=utf-8",
		} {
			if got := whole.Header.Get(key); got != value {
				t.Errorf("%s: %q, want %q", key, got, value)
			}
		}
		head := srv.Do(t, "HEAD", target)
		head.Check(t, 200, "")
		if diff := cmp.Diff(whole.Header, head.Header, ignoreDate); diff != "" {
			t.Errorf("HEAD differs from GET (-GET +HEAD):\n%s", diff)
		}
		testStoredConditions(t, srv, target, tag, date)
		testStoredRanges(t, srv, target, content, tag, date)
		testStoredMultipart(t, srv, target, content, want.oneRange)
	})
}

var ignoreDate = cmpopts.IgnoreMapEntries(func(key string, _ []string) bool { return key == "Date" })

func testStoredConditions(t *testing.T, srv *servertest.Server, target, tag, date string) {
	t.Helper()
	const never = "Mon, 02 Jan 2006 15:04:05 GMT"
	if tag != "" {
		srv.Do(t, "GET", target, "If-None-Match", tag).Check(t, 304, "")
		srv.Do(t, "GET", target, "If-None-Match", `"other"`, "Range", "bytes=0-0").Check(t, 206, "0")
		srv.Do(t, "GET", target, "If-Match", `"other"`).CheckError(t, 412)
	}
	if date != "" {
		srv.Do(t, "GET", target, "If-Modified-Since", date).Check(t, 304, "")
		srv.Do(t, "GET", target, "If-Modified-Since", never, "Range", "bytes=0-0").Check(t, 206, "0")
		srv.Do(t, "GET", target, "If-Unmodified-Since", never).CheckError(t, 412)
	}
}

func testStoredRanges(t *testing.T, srv *servertest.Server, target, content, tag, date string) {
	t.Helper()
	size := len(content)
	for _, tt := range []struct {
		fields []string
		status int
		body   string
	}{
		{[]string{"Range", "bytes=0-0"}, 206, content[:1]},
		{[]string{"Range", "bytes=100-199"}, 206, content[100:200]},
		{[]string{"Range", "bytes=1-"}, 206, content[1:]},
		{[]string{"Range", "bytes=-5"}, 206, content[size-5:]},
		{[]string{"Range", "bytes=-999999999"}, 206, content},
		{[]string{"Range", fmt.Sprintf("bytes=7-%d", size-2)}, 206, content[7 : size-1]},
		{[]string{"Range", fmt.Sprintf("bytes=%d-", size)}, 416, "Requested Range Not Satisfiable\n"},
		{[]string{"Range", "lines=1-2"}, 200, content},
		{[]string{"Range", "bytes=1-9", "If-Range", `"other"`}, 200, content},
		{[]string{"Range", "bytes=1-9", "If-Range", "Mon, 02 Jan 2006 15:04:05 GMT"}, 200, content},
	} {
		srv.Do(t, "GET", target, tt.fields...).Check(t, tt.status, tt.body)
	}
	for _, validator := range []string{tag, date} {
		if validator != "" {
			srv.Do(t, "GET", target, "Range", "bytes=1-9", "If-Range", validator).Check(t, 206, content[1:10])
		}
	}
}

// testStoredMultipart asks for three parts, the last of them a step backward.
func testStoredMultipart(t *testing.T, srv *servertest.Server, target, content string, oneRange bool) {
	t.Helper()
	middle := len(content) / 2
	got := srv.Do(t, "GET", target, "Range", fmt.Sprintf("bytes=%d-,5-9,10-%d", middle, middle-10))
	if oneRange {
		got.Check(t, 200, content)
		return
	}
	_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if got.Status != 206 || got.Err != nil || err != nil {
		t.Fatalf("several ranges: status %d (%v), Content-Type %q", got.Status, got.Err, got.Header.Get("Content-Type"))
	}
	parts := multipart.NewReader(strings.NewReader(got.Body), params["boundary"])
	for i, want := range []string{content[middle:], content[5:10], content[10 : middle-9]} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatalf("part %d: %v", i, err)
		}
		if body, err := io.ReadAll(part); string(body) != want || err != nil {
			t.Errorf("part %d has %d bytes (%v), want other %d", i, len(body), err, len(want))
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("after three parts: %v, want EOF", err)
	}
}

// openFiles returns the paths in dir, and dir itself, that this process has open.
func openFiles(t *testing.T, dir string) (open []string) {
	t.Helper()
	for _, self := range []string{"/proc/self/fd", "/dev/fd"} {
		entries, err := os.ReadDir(self)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if path, err := os.Readlink(filepath.Join(self, e.Name())); err == nil && strings.HasPrefix(path, dir) {
				open = append(open, path)
			}
		}
		return open
	}
	// Without a list of open files, as on Windows, there is nothing to look at.
	if os.Getenv("CI") != "" {
		t.Fatal("nothing tells which files are open")
	}
	t.Skip("this system does not tell which files are open")
	return nil
}

// mountStored returns a router with the view at /files/*.
func mountStored(v views.DownloadView) http.Handler {
	r := chi.NewRouter()
	views.Mount(r, "/files/*", v)
	return r
}

// storedTime is when the files of the tests were last modified: long ago.
var storedTime = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// storedDir returns a directory with a file in it.
func storedDir(t *testing.T, name, content string) string {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, name), content)
	return dir
}

// writeFile writes a file that was last modified at storedTime.
func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, storedTime, storedTime); err != nil {
		t.Fatal(err)
	}
}
