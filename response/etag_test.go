package response_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// tagOf returns the entity tag that file is sent with. The whole file must come.
func tagOf(t *testing.T, file fs.File, want string) string {
	t.Helper()
	got := servertest.Record(send(file, response.Options{}), "GET", "/")
	got.Check(t, http.StatusOK, want)
	return got.Header.Get("Etag")
}

// slowReader is content in memory that comes in pieces.
type slowReader struct{ io.ReadSeeker }

func (r slowReader) Read(p []byte) (int, error) { return r.ReadSeeker.Read(p[:min(len(p), 3)]) }
func (slowReader) InMemory() bool               { return true }

// emptyWrites is content in memory that comes with empty writes around it.
type emptyWrites struct{ *strings.Reader }

func (emptyWrites) InMemory() bool { return true }

func (r emptyWrites) WriteTo(w io.Writer) (int64, error) {
	if _, err := w.Write(nil); err != nil {
		return 0, err
	}
	n, err := r.Reader.WriteTo(w)
	if err == nil {
		_, err = w.Write(nil)
	}
	return n, err
}

// Content in memory gets a strong tag of its bytes, whatever else is different.
func TestTagOfContentInMemory(t *testing.T) {
	const text, other = "some text", "some test"
	named := files.NewContentFile(text, "another-name.bin")
	named.ModTime = modified
	half := strings.NewReader("read by others: " + text)
	if _, err := io.CopyN(io.Discard, half, int64(len("read by others: "))); err != nil {
		t.Fatal(err)
	}
	want := tagOf(t, files.NewContentFile(text, "file.txt"), text)
	if !strings.HasPrefix(want, `"`) || len(want) < 4 || !strings.HasSuffix(want, `"`) {
		t.Fatalf("the tag is %s, want a strong one", want)
	}
	for _, test := range []struct {
		reason  string
		file    fs.File
		content string
		same    bool
	}{
		{"the same text", files.NewContentFile(text, "file.txt"), text, true},
		{"as bytes", files.NewContentFile([]byte(text), "file.txt"), text, true},
		{"of another name and time", named, text, true},
		{"in a strings.Reader", files.NewVirtualFile(strings.NewReader(text), "file.txt"), text, true},
		{"in a bytes.Reader", files.NewVirtualFile(bytes.NewReader([]byte(text)), "file.txt"), text, true},
		{"in pieces", files.NewVirtualFile(slowReader{strings.NewReader(text)}, "file.txt"), text, true},
		{"between empty writes", files.NewVirtualFile(emptyWrites{strings.NewReader(text)}, "file.txt"), text, true},
		{"another between empty writes", files.NewVirtualFile(emptyWrites{strings.NewReader(other)}, "file.txt"), other, false},
		{"what is left of a reader", files.NewVirtualFile(half, "file.txt"), text, true},
		{"read from by its author", readFrom(t, files.NewContentFile(text, "file.txt")), text, true},
		{"another that was read from", readFrom(t, files.NewContentFile(other, "file.txt")), other, false},
		{"another text of the same length", files.NewContentFile(other, "file.txt"), other, false},
		{"a shorter text", files.NewContentFile(text[1:], "file.txt"), text[1:], false},
		{"no text", files.NewContentFile("", "file.txt"), "", false},
	} {
		t.Run(test.reason, func(t *testing.T) {
			got := tagOf(t, test.file, test.content)
			if same := got == want; same != test.same || !strings.HasPrefix(got, `"`) {
				t.Errorf("tag %s beside %s, want the same: %t", got, want, test.same)
			}
		})
	}
}

// readFrom returns file when all of it was read: to find out its type, for example.
func readFrom(t *testing.T, file *files.ContentFile) fs.File {
	t.Helper()
	if _, err := io.Copy(io.Discard, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// The tag that was made is good for conditions and ranges.
func TestMadeTagWorks(t *testing.T) {
	srv := servertest.Start(t, servertest.HTTP11, download(func() fs.File { return files.NewContentFile(alphanumeric, "file.txt") }))
	tag := srv.Do(t, "GET", "/").Header.Get("Etag")
	for _, test := range []struct {
		header []string
		status int
	}{
		{[]string{"If-None-Match", tag}, 304},
		{[]string{"If-None-Match", "W/" + tag}, 304},
		{[]string{"If-Match", tag}, 200},
		{[]string{"If-Match", "W/" + tag}, 412},
		{[]string{"If-Range", tag, "Range", "bytes=5-"}, 206},
		{[]string{"If-Range", "W/" + tag, "Range", "bytes=5-"}, 200},
	} {
		if got := srv.Do(t, "GET", "/", test.header...); got.Status != test.status || got.Err != nil {
			t.Errorf("%q: status %d, %v, want %d", test.header, got.Status, got.Err, test.status)
		}
	}
}

// A stored file gets a strong tag of its modification time and size.
func TestTagOfStoredFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file.txt")
	stored := func(content string, modTime time.Time) string {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, modTime, modTime); err != nil {
			t.Fatal(err)
		}
		return tagOf(t, open(t, path), content)
	}
	first := stored("content", modified)
	if !strings.HasPrefix(first, `"`) || len(first) < 4 {
		t.Fatalf("the tag is %s, want a strong one", first)
	}
	for _, test := range []struct {
		reason  string
		content string
		modTime time.Time
		same    bool
	}{
		{"nothing changed", "content", modified, true},
		{"the size changed", "more content", modified, false},
		{"the time changed", "content", modified.Add(time.Second), false},
		{"the time changed within a second", "content", modified.Add(time.Millisecond), false},
	} {
		if got := stored(test.content, test.modTime); got == first != test.same {
			t.Errorf("%s: tag %s after %s, want the same: %t", test.reason, got, first, test.same)
		}
	}
}

// tagInfo is a FileInfo that knows, or does not know, its tag.
type tagInfo struct {
	fs.FileInfo
	tag string
	err error
}

func (i tagInfo) ETag(context.Context) (string, error) { return i.tag, i.err }

// tagFile is a stored file with such a FileInfo.
type tagFile struct {
	fs.File
	tag string
	err error
}

func (f tagFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return tagInfo{info, f.tag, f.err}, err
}

func TestTagOfAuthor(t *testing.T) {
	stored := func(modTime time.Time) fs.File {
		f, err := fstest.MapFS{"file.txt": {Data: []byte("content"), ModTime: modTime}}.Open("file.txt")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	content := func(tag string) fs.File {
		f := files.NewContentFile("content", "file.txt")
		f.ETag = tag
		return f
	}
	generator := func(tag string) fs.File {
		f := files.NewVirtualFile(files.NewStringIteratorIO(chunks("content", 3)), "file.txt")
		f.ETag, f.ModTime = tag, modified
		return f
	}
	const made = "a tag that was made"
	for _, test := range []struct {
		reason string
		file   fs.File
		want   string
		logs   bool
	}{
		{"given", content(`"v1"`), `"v1"`, false},
		{"given, weak", content(`W/"v1"`), `W/"v1"`, false},
		{"given, the empty tag", content(`""`), `""`, false},
		{"given to generated content", generator(`"v1"`), `"v1"`, false},
		{"not given to generated content", generator(""), "", false},
		{"not quoted", content(`v1`), "", true},
		{"quoted at one end", content(`"v1`), "", true},
		{"two tags", content(`"v1", "v2"`), "", true},
		{"with a space", content(`"v 1"`), "", true},
		{"with a line break", content("\"v\r\n1\""), "", true},
		{"weak in lower case", content(`w/"v1"`), "", true},
		{"told by the FileInfo", tagFile{stored(modified), `"v1"`, nil}, `"v1"`, false},
		{"the FileInfo says there is none", tagFile{stored(modified), "", nil}, "", false},
		{"the FileInfo cannot tell", tagFile{stored(modified), "", errors.ErrUnsupported}, made, false},
		{"the FileInfo fails, and what it returns is not used", tagFile{stored(modified), `"v1"`, errors.New("no")}, made, false},
		{"stored", stored(modified), made, false},
		{"stored, no time", stored(time.Time{}), "", false},
		{"stored, the time of who has none", stored(time.Unix(0, 0)), "", false},
	} {
		t.Run(test.reason, func(t *testing.T) {
			log := servertest.CaptureLog(t)
			got := tagOf(t, test.file, "content")
			if got != test.want && (test.want != made || !strings.HasPrefix(got, `"`)) {
				t.Errorf("tag %q, want %q", got, test.want)
			}
			if logs := strings.Count(log.String(), "level=WARN"); (logs == 1) != test.logs || logs > 1 {
				t.Errorf("logged, want a warning: %t\n%s", test.logs, log)
			}
		})
	}
}

// What the caller has set wins, and is what conditions are compared with.
func TestTagOfCaller(t *testing.T) {
	for _, test := range []struct {
		reason string
		caller http.Header
		field  string
		value  string
		status int
		etag   string
	}{
		{"sent", http.Header{"Etag": {`"c1"`}}, "Accept", "*/*", 200, `"c1"`},
		{"compared with", http.Header{"Etag": {`"c1"`}}, "If-None-Match", `"c1"`, 304, `"c1"`},
		{"not the file's", http.Header{"Etag": {`"c1"`}}, "If-None-Match", `"v1"`, 200, `"c1"`},
		{"a caller may say that there is none", http.Header{"Etag": nil}, "If-None-Match", `"v1"`, 200, ""},
		{"a coding of the caller's changes the bytes", http.Header{"Content-Encoding": {"gzip"}}, "Accept", "*/*", 200, `W/"v1"`},
		{"a part of which would be a part of nothing", http.Header{"Content-Encoding": {"gzip"}}, "Range", "bytes=0-4", 200, `W/"v1"`},
		{"a date of the caller's", http.Header{"Last-Modified": {exact}}, "If-Modified-Since", older, 200, `"v1"`},
		{"the same, for If-Unmodified-Since", http.Header{"Last-Modified": {exact}}, "If-Unmodified-Since", older, 412, ""},
		{"an error has no tag, even of the caller's", http.Header{"Etag": {`"c1"`}}, "If-Match", `"v1"`, 412, ""},
	} {
		t.Run(test.reason, func(t *testing.T) {
			f := files.NewContentFile(alphanumeric, "file.txt")
			f.ETag = `"v1"`
			got := servertest.Record(after(test.caller, send(f, response.Options{})), "GET", "/", test.field, test.value)
			if tag := got.Header.Get("Etag"); got.Status != test.status || tag != test.etag {
				t.Errorf("status %d, ETag %s, want %d, %s", got.Status, tag, test.status, test.etag)
			}
			if date := got.Header.Get("Last-Modified"); got.Status == http.StatusPreconditionFailed && date != "" {
				t.Errorf("412 with Last-Modified %s", date)
			}
		})
	}
}
