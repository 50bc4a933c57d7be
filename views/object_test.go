package views_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// storedDocument is a row: a file in a storage, or a BLOB, or neither, and what
// is known of it.
type storedDocument struct {
	path string
	blob []byte

	name, contentType, encoding, tag string
	size                             int64
	modTime                          time.Time
}

// storedLibrary is a database, of a kind.
type storedLibrary struct {
	documents map[string]storedDocument
	storage   fs.FS
}

var errNoDatabase = errors.New("no connection to the database")

func (l storedLibrary) find(r *http.Request) (storedDocument, error) {
	switch id := r.PathValue("id"); id {
	case "down":
		return storedDocument{}, errNoDatabase
	case "hidden":
		return storedDocument{}, fmt.Errorf("document %s: %w", id, fs.ErrPermission)
	case "moved":
		return storedDocument{}, fmt.Errorf("document %s: %w", id, fs.ErrNotExist)
	default:
		document, ok := l.documents[id]
		if !ok {
			return storedDocument{}, fmt.Errorf("document %s: %w", id, sql.ErrNoRows)
		}
		return document, nil
	}
}

func (l storedLibrary) file(r *http.Request, d storedDocument) (fs.File, error) {
	if d.blob != nil {
		return files.NewContentFile(d.blob, "blob"), nil
	}
	switch d.path {
	case "none":
		return nil, nil
	case "typed nil":
		return (*os.File)(nil), nil
	case "no version":
		return nil, fmt.Errorf("version of %s: %w", d.path, sql.ErrNoRows)
	}
	return l.storage.Open(d.path)
}

// view returns a view of the library that knows nothing but its files.
func (l storedLibrary) view() views.ObjectDownloadView[storedDocument] {
	return views.ObjectDownloadView[storedDocument]{GetObject: l.find, File: l.file}
}

// described returns a view of the library that knows all that the rows know.
func (l storedLibrary) described() views.ObjectDownloadView[storedDocument] {
	v := l.view()
	v.Basename = func(d storedDocument) string { return d.name }
	v.ContentType = func(d storedDocument) string { return d.contentType }
	v.Encoding = func(d storedDocument) string { return d.encoding }
	v.Size = func(d storedDocument) int64 { return d.size }
	v.ModTime = func(d storedDocument) time.Time { return d.modTime }
	v.ETag = func(d storedDocument) string { return d.tag }
	return v
}

func mountObject(v views.DownloadView) http.Handler {
	r := chi.NewRouter()
	views.Mount(r, "/documents/{id}", v)
	return r
}

func TestObjectDownloadView(t *testing.T) {
	for _, size := range storedSizes {
		content := storedContent(size)
		l := storedLibrary{
			documents: map[string]storedDocument{
				"stored": {path: "content.txt", size: -1},
				"blob":   {blob: []byte(content), size: -1, name: "content.txt"},
				"full": {path: "content.txt", name: "full.txt", size: int64(size), modTime: storedTime.Add(time.Hour),
					tag: `"v1"`, contentType: "text/plain; charset=utf-8"},
			},
			storage: os.DirFS(storedDir(t, "content.txt", content)),
		}
		for _, tt := range []struct {
			id   string
			view views.DownloadView
			want storedTraits
		}{
			{"stored", l.view(), storedTraits{}},
			{"stored", l.described(), storedTraits{}},
			{"blob", l.described(), storedTraits{noDate: true}},
			{"full", l.described(), storedTraits{name: "full.txt"}},
		} {
			t.Run(fmt.Sprintf("%s/size=%d", tt.id, size), func(t *testing.T) {
				testStored(t, mountObject(tt.view), "/documents/"+tt.id, content, tt.want)
			})
		}
	}
}

func TestObjectDownloadViewDescribes(t *testing.T) {
	modTime := storedTime.Add(24 * time.Hour)
	l := storedLibrary{
		documents: map[string]storedDocument{
			"plain": {path: "content.txt", size: -1},
			"full": {path: "content.txt", name: "Annual report – 2026.pdf", size: 7, modTime: modTime, tag: `"v7"`,
				contentType: "application/pdf", encoding: "gzip"},
			"bad tag": {path: "content.txt", size: -1, tag: "v7"},
		},
		storage: fstest.MapFS{"content.txt": {Data: []byte("content"), ModTime: storedTime}},
	}
	withOptions := l.described()
	withOptions.Options = response.Options{Inline: true, Basename: "view.txt", ContentType: "text/view", Encoding: "br"}
	const storedTag = `"dg512jxk2680-7"` // of time and size
	for _, tt := range []struct {
		reason string
		view   views.DownloadView
		id     string
		want   map[string]string
	}{
		{"the file alone", l.view(), "full", map[string]string{
			"Content-Disposition": `attachment; filename="content.txt"`, "Content-Type": "text/plain; charset=utf-8",
			"Content-Encoding": "", "Etag": storedTag, "Last-Modified": storedTime.Format(http.TimeFormat),
		}},
		{"the object goes first", l.described(), "full", map[string]string{
			"Content-Disposition": `attachment; filename="Annual report - 2026.pdf"; filename*=UTF-8''Annual%20report%20%E2%80%93%202026.pdf`,
			"Content-Type":        "application/pdf", "Content-Encoding": "gzip", "Etag": `"v7"`, "Last-Modified": modTime.Format(http.TimeFormat),
		}},
		{"where it knows something", l.described(), "plain", map[string]string{
			"Content-Disposition": `attachment; filename="content.txt"`, "Content-Type": "text/plain; charset=utf-8",
			"Content-Encoding": "", "Etag": storedTag, "Last-Modified": storedTime.Format(http.TimeFormat),
		}},
		{"the view's options go before all", withOptions, "full", map[string]string{
			"Content-Disposition": `inline; filename="view.txt"`, "Content-Type": "text/view", "Content-Encoding": "br",
			"Etag": `"v7"`, "Last-Modified": modTime.Format(http.TimeFormat),
		}},
		{"what is no entity tag is left out", l.described(), "bad tag", map[string]string{
			"Content-Disposition": `attachment; filename="content.txt"`, "Content-Type": "text/plain; charset=utf-8",
			"Content-Encoding": "", "Etag": "", "Last-Modified": storedTime.Format(http.TimeFormat),
		}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			reply := servertest.Start(t, "HTTP/1.1", mountObject(tt.view)).Do(t, "GET", "/documents/"+strings.ReplaceAll(tt.id, " ", "%20"))
			reply.Check(t, 200, "content")
			got := make(map[string]string)
			for key := range tt.want {
				got[key] = reply.Header.Get(key)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestObjectDownloadViewErrors(t *testing.T) {
	l := storedLibrary{
		documents: map[string]storedDocument{
			"none":       {path: "none"},
			"typed-nil":  {path: "typed nil"},
			"no-version": {path: "no version"},
			"lost":       {path: "lost.txt"},
			"dir":        {path: "dir", size: -1},
			"refused":    {path: "refused"},
			"broken":     {path: "broken"},
		},
		storage: faultyStorage{fstest.MapFS{"dir/a.txt": {}}},
	}
	for _, tt := range []struct {
		id     string
		status int
		reason string
	}{
		{"missing", 404, "sql.ErrNoRows: no such object"},
		{"moved", 404, "fs.ErrNotExist: no such object"},
		{"none", 404, "an object without a file"},
		{"typed-nil", 404, "the same, as a nil pointer"},
		{"no-version", 404, "sql.ErrNoRows: no such file"},
		{"lost", 404, "fs.ErrNotExist: a file that the storage does not have"},
		{"dir", 404, "a directory in the place of the file"},
		{"hidden", 403, "an object that is not for this client"},
		{"refused", 403, "a file that is not for this server"},
		{"down", 500, "the database is down"},
		{"broken", 500, "the storage is down"},
	} {
		for kind, view := range map[string]views.DownloadView{"plain": l.view(), "described": l.described()} {
			t.Run(tt.reason+"/"+kind, func(t *testing.T) {
				srv := servertest.Start(t, "HTTP/1.1", mountObject(view))
				srv.Do(t, "GET", "/documents/"+tt.id).CheckError(t, tt.status)
				if got := srv.Do(t, "HEAD", "/documents/"+tt.id); got.Status != tt.status {
					t.Errorf("HEAD: status %d, want %d", got.Status, tt.status)
				}
			})
		}
	}
}

// faultyStorage has files that cannot be opened.
type faultyStorage struct{ fs.FS }

func (s faultyStorage) Open(name string) (fs.File, error) {
	switch name {
	case "refused":
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	case "broken":
		return nil, &fs.PathError{Op: "open", Path: name, Err: errStorageGone}
	}
	return s.FS.Open(name)
}

// A database that is wrong about a size must not make a download that looks
// complete.
func TestObjectDownloadViewOfWrongSize(t *testing.T) {
	for _, size := range storedSizes {
		content := storedContent(size)
		dir := storedDir(t, "content.txt", content)
		for _, claimed := range []int64{1, int64(size) - 1, int64(size) + 1, 10 * int64(size)} {
			l := storedLibrary{
				documents: map[string]storedDocument{
					"stored": {path: "content.txt", size: claimed},
					"blob":   {blob: []byte(content), size: claimed},
				},
				storage: os.DirFS(dir),
			}
			for id := range l.documents {
				t.Run(fmt.Sprintf("%s/%d of %d", id, claimed, size), func(t *testing.T) {
					servertest.OverEach(t, mountObject(l.described()), func(t *testing.T, srv *servertest.Server) {
						got := srv.Do(t, "GET", "/documents/"+id)
						if got.Err == nil {
							got.CheckError(t, 500)
						}
					})
				})
			}
		}
	}
}

func TestObjectDownloadViewCloses(t *testing.T) {
	for _, tt := range []struct {
		reason string
		view   func(v *views.ObjectDownloadView[string])
		fields []string
	}{
		{"once it was sent", func(*views.ObjectDownloadView[string]) {}, nil},
		{"if it need not be sent", func(*views.ObjectDownloadView[string]) {}, []string{"If-None-Match", "*"}},
		{"if its size is wrong", func(v *views.ObjectDownloadView[string]) {
			v.Size = func(string) int64 { return 1 }
		}, nil},
		{"if a function panics", func(v *views.ObjectDownloadView[string]) {
			v.Basename = func(string) string { panic("no such column") }
		}, nil},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			storage := &faultyFS{size: 10, content: io.LimitReader(storedZeros{}, 10)}
			view := views.ObjectDownloadView[string]{
				GetObject: func(*http.Request) (string, error) { return "object", nil },
				File:      func(*http.Request, string) (fs.File, error) { return storage.Open("file") },
			}
			tt.view(&view)
			srv := servertest.Start(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() { _ = recover() }()
				views.AsView(view)(w, r)
			}))
			srv.Do(t, "GET", "/", tt.fields...)
			if closed := storage.closed.Load(); closed != 1 {
				t.Errorf("the file was closed %d times, want once", closed)
			}
		})
	}
}

func TestObjectDownloadViewCheck(t *testing.T) {
	l := storedLibrary{}
	for _, tt := range []struct {
		view   views.DownloadView
		want   string
		reason string
	}{
		{views.ObjectDownloadView[int]{}, "no GetObject is set", "nothing is set"},
		{views.ObjectDownloadView[storedDocument]{File: l.file}, "no GetObject is set", "no way to the object"},
		{views.ObjectDownloadView[storedDocument]{GetObject: l.find}, "no File is set", "no way to the file"},
		{invoiceView{}, "no GetObject is set", "in a struct around it"},
	} {
		t.Run(tt.reason, func(t *testing.T) { mustPanic(t, func() { views.AsView(tt.view) }, tt.want) })
	}
}

// invoiceView is a view of a user's, built on ObjectDownloadView.
type invoiceView struct {
	views.ObjectDownloadView[storedDocument]
}

func (v invoiceView) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.ObjectDownloadView.GetOptions(r, file)
	opts.Inline = r.URL.Query().Has("inline")
	return opts
}

func TestObjectDownloadViewEmbedded(t *testing.T) {
	l := storedLibrary{documents: map[string]storedDocument{"1": {blob: []byte("content")}}}
	view := invoiceView{l.view()}
	view.Options.Basename = "invoice.pdf"
	srv := servertest.Start(t, "HTTP/1.1", mountObject(view))
	for target, want := range map[string]string{
		"/documents/1":        `attachment; filename="invoice.pdf"`,
		"/documents/1?inline": `inline; filename="invoice.pdf"`,
	} {
		got := srv.Do(t, "GET", target)
		got.Check(t, 200, "content")
		if got := got.Header.Get("Content-Disposition"); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}
