package response_test

import (
	"context"
	"io/fs"
	"mime"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

func TestContentType(t *testing.T) {
	// What the machine has lists of is asked last.
	for ext, machine := range map[string]string{".csv": "application/x-not-this", ".only-here": "application/x-only-here"} {
		if err := mime.AddExtensionType(ext, machine); err != nil {
			t.Fatal(err)
		}
	}
	const page = "<!DOCTYPE html><script>alert(1)</script>"
	for _, tt := range []struct {
		reason string
		name   string
		opts   response.Options
		own    string // of the file
		caller string // in the header already
		want   string
	}{
		{reason: "text has a charset", name: "a.txt", want: "text/plain; charset=utf-8"},
		{reason: "an own table, not that of the machine", name: "a.csv", want: "text/csv; charset=utf-8"},
		{reason: "upper case is the same extension", name: "A.CSV", want: "text/csv; charset=utf-8"},
		{reason: "the machine knows what the table does not", name: "a.only-here", want: "application/x-only-here"},
		{reason: "JSON has no charset, RFC 8259 §11", name: "a.json", want: "application/json"},
		{reason: "XML says its own", name: "a.xml", want: "application/xml"},
		{reason: "nor has an image one that is text", name: "a.svg", want: "image/svg+xml"},
		{reason: "Apple's packages: AR", name: "a.usdz", want: "model/vnd.usdz+zip"},
		{reason: "several passes", name: "a.pkpasses", want: "application/vnd.apple.pkpasses"},
		{reason: "a profile", name: "a.mobileconfig", want: "application/x-apple-aspen-config"},
		{reason: "an app, as Apple's deployment guide has it", name: "a.ipa", want: "application/octet-stream"},
		{reason: "compressed SVG has the type of the content", name: "a.SVGZ", want: "image/svg+xml"},
		{reason: "the last extension counts", name: "a.tar.gz", want: "application/gzip"},

		{reason: "no extension: never by sniffing", name: "page", want: "application/octet-stream"},
		{reason: "an unknown one", name: "page.zzz", want: "application/octet-stream"},
		{reason: "a dot is no extension", name: "page.", want: "application/octet-stream"},
		{reason: "no name", name: "", want: "application/octet-stream"},

		{reason: "the name that the client sees comes first", name: "export.tmp",
			opts: response.Options{Basename: "a.csv"}, want: "text/csv; charset=utf-8"},
		{reason: "and the file's own counts if that tells nothing", name: "a.csv",
			opts: response.Options{Basename: "export"}, want: "text/csv; charset=utf-8"},
		{reason: "for each name the machine's list comes right after the table", name: "upload.txt",
			opts: response.Options{Basename: "plan.only-here"}, want: "application/x-only-here"},
		{reason: "the file's own type is better than a guess", name: "a.csv", own: "text/x-special",
			want: "text/x-special"},
		{reason: "the option is better than that", name: "a.csv", own: "text/x-special",
			opts: response.Options{ContentType: "text/x-option"}, want: "text/x-option"},
		{reason: "and what the caller set wins", name: "a.csv", own: "text/x-special",
			opts: response.Options{ContentType: "text/x-option"}, caller: "text/x-caller", want: "text/x-caller"},
		{reason: "a gzipped file is typed by what is in it", name: "a.csv",
			opts: response.Options{Encoding: "gzip"}, want: "text/csv; charset=utf-8"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			file := files.NewContentFile(page, tt.name)
			file.ContentType = tt.own
			h := send(file, tt.opts)
			if tt.caller != "" {
				h = after(http.Header{"Content-Type": {tt.caller}}, h)
			}
			header := servertest.Record(h, "GET", "/").Header
			if got := header.Values("Content-Type"); len(got) != 1 || got[0] != tt.want {
				t.Errorf("Content-Type: %q, want %q", got, tt.want)
			}
			if got := header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("X-Content-Type-Options: %q", got)
			}
		})
	}
}

// Whatever the machine says of these, their types are legal, the same
// everywhere, and have a charset if and only if they are text.
func TestContentTypesOfCommonFiles(t *testing.T) {
	for ext, want := range map[string]string{
		"txt": "text/plain", "csv": "text/csv", "tsv": "text/tab-separated-values", "html": "text/html",
		"md": "text/markdown", "css": "text/css", "js": "text/javascript", "ics": "text/calendar", "vcf": "text/vcard",
		"json": "application/json", "xml": "application/xml", "yaml": "application/yaml", "wasm": "application/wasm",
		"pdf": "application/pdf", "zip": "application/zip", "gz": "application/gzip", "tar": "application/x-tar",
		"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"png":  "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
		"svg": "image/svg+xml", "mp3": "audio/mpeg", "ogg": "audio/ogg", "wav": "audio/wav", "flac": "audio/flac",
		"mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime", "bin": "application/octet-stream",
	} {
		got := servertest.Record(send(files.NewContentFile("", "a."+ext), response.Options{}), "GET", "/")
		mediaType, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
		if mediaType != want || err != nil {
			t.Errorf(".%s: %q, %v, want %q", ext, mediaType, err, want)
		}
		if _, has := params["charset"]; has != strings.HasPrefix(want, "text/") {
			t.Errorf(".%s: a charset: %v", ext, has)
		}
	}
}

// A type that says nothing is none: the name tells more.
func TestTypeOfAStorageThatKnowsNone(t *testing.T) {
	for contentType, want := range map[string]string{
		"application/octet-stream":             "text/plain; charset=utf-8",
		"binary/octet-stream":                  "text/plain; charset=utf-8",
		"Application/Octet-Stream; charset=x":  "text/plain; charset=utf-8",
		"application/vnd.oasis.opendocument.x": "application/vnd.oasis.opendocument.x",
	} {
		storage := typedFS{fstest.MapFS{"a.txt": {Data: []byte("Hello")}}, contentType}
		f, err := files.OpenStorageFile(t.Context(), storage, "a.txt")
		if err != nil {
			t.Fatal(err)
		}
		if got := servertest.Record(send(f, response.Options{}), "GET", "/").Header.Get("Content-Type"); got != want {
			t.Errorf("stored as %s: %s, want %s", contentType, got, want)
		}
	}
}

type (
	typedFS struct {
		fs.FS
		contentType string
	}
	typedFile struct {
		fs.File
		contentType string
	}
	typedInfo struct {
		fs.FileInfo
		contentType string
	}
)

func (s typedFS) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return typedFile{f, s.contentType}, err
}
func (f typedFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return typedInfo{info, f.contentType}, err
}

func (i typedInfo) ContentType(context.Context) (string, error) { return i.contentType, nil }

// A file whose type is that of the content inside of its gzip has the coding, too.
func TestContentEncodingOfCompressedSVG(t *testing.T) {
	for _, tt := range []struct {
		reason, name, want string
		opts               response.Options
	}{
		{"by its name", "a.SVGZ", "gzip", response.Options{}},
		{"by the name that the client sees", "upload-7", "gzip", response.Options{Basename: "a.svgz"}},
		{"whatever the client sees", "a.svgz", "gzip", response.Options{Basename: "a.svg"}},
		{"not compressed", "a.svg", "", response.Options{}},
		{"another type: the bytes are meant", "a.svgz", "", response.Options{ContentType: "application/gzip"}},
		{"of a type of its own", "a.csv.gz", "", response.Options{}},
	} {
		got := servertest.Record(send(files.NewContentFile("Hello", tt.name), tt.opts), "GET", "/").Header
		if coding := got.Get("Content-Encoding"); coding != tt.want {
			t.Errorf("%s: Content-Encoding %q, want %q", tt.reason, coding, tt.want)
		}
	}
}
