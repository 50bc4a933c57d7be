package downloadtest_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/go-downloadview/downloadview/downloadtest"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

//go:embed testdata
var testdata embed.FS

const (
	rows   = 100
	rowLen = 1000
)

// generate yields rows of text, more than fit into one buffer.
func generate(yield func(string) bool) {
	for i := range rows {
		if !yield(fmt.Sprintf("%*d\n", rowLen-1, i)) {
			return
		}
	}
}

// generated returns a view of generated content.
func generated(set func(*files.VirtualFile)) views.DownloadView {
	return virtual(func(*http.Request) (fs.File, error) {
		file := files.NewVirtualFile(files.NewStringIteratorIO(generate), "rows.txt")
		if set != nil {
			set(file)
		}
		return file, nil
	})
}

// virtualView is a virtual view with its GetFile in a field.
type virtualView struct {
	views.VirtualDownloadView
	getFile func(*http.Request) (fs.File, error)
}

func (v virtualView) GetFile(r *http.Request) (fs.File, error) { return v.getFile(r) }

func virtual(getFile func(*http.Request) (fs.File, error)) views.DownloadView {
	return virtualView{getFile: getFile}
}

// text returns a view of text in memory.
func text(content, name string) views.DownloadView {
	return virtual(func(*http.Request) (fs.File, error) { return files.NewContentFile(content, name), nil })
}

// freely is a Limiter that lets everything pass, in small pieces.
type freely struct{}

func (freely) Burst() int                       { return 5 }
func (freely) WaitN(context.Context, int) error { return nil }

func limitedView() views.DownloadView {
	v := virtualView{getFile: func(*http.Request) (fs.File, error) { return files.NewContentFile("Hello world!", "hello.txt"), nil }}
	v.Options.Limiter = freely{}
	return v
}

func TestGoodViews(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"small.txt": 100, "large.bin": 300 << 10} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat("0123456789", size/10)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open := func(name string) views.DownloadView {
		return views.FileFunc(func(*http.Request) (fs.File, error) { return os.Open(filepath.Join(dir, name)) })
	}
	size := int64(rows * rowLen)
	var serial atomic.Int64

	for _, tc := range []struct {
		name   string
		reason string
		view   views.DownloadView
		opts   []downloadtest.Option
	}{
		{"ContentFile", "in memory", text("Hello world!", "hello.txt"), []downloadtest.Option{downloadtest.Ranges(true)}},
		{"ContentFile_of_one_byte", "there are no two ranges in it", text("1", "one.txt"), nil},
		{"ContentFile_of_two_bytes", "there are no two ranges that are apart", text("12", "two.txt"), nil},
		{"ContentFile_empty", "no ranges in it", text("", "nothing.txt"), []downloadtest.Option{downloadtest.Ranges(false)}},
		{"ContentFile_with_name", "filename*", text("Salut", "Ünïcödé \"100%41\".txt"), nil},
		{"ContentFile_inline", "options of the view", virtualView{
			inlineView(), func(*http.Request) (fs.File, error) { return files.NewContentFile("<p>", "p.html"), nil },
		}, nil},
		{"ContentFile_limited", "a limit of speed", limitedView(), nil},
		{"ContentFile_with_date", "If-Modified-Since decides", virtual(func(*http.Request) (fs.File, error) {
			file := files.NewContentFile("Hello world!", "hello.txt")
			file.ModTime = time.Date(2024, 5, 6, 7, 8, 9, 10, time.UTC)
			return file, nil
		}), nil},
		{"VirtualFile_over_seeker", "ranges by Seek", virtual(func(*http.Request) (fs.File, error) {
			return files.NewVirtualFile(strings.NewReader("Hello world!"), "hello.txt"), nil
		}), []downloadtest.Option{downloadtest.Ranges(true)}},
		{"VirtualFile_over_reader", "nothing but Read", virtual(func(*http.Request) (fs.File, error) {
			return files.NewVirtualFile(io.MultiReader(strings.NewReader("Hello "), strings.NewReader("world!")), "hello.txt"), nil
		}), []downloadtest.Option{downloadtest.Ranges(false)}},
		{"generated", "nothing is known ahead", generated(nil), []downloadtest.Option{downloadtest.Ranges(false)}},
		{"generated_with_size", "a size and no tag", generated(func(f *files.VirtualFile) { f.Size = size }), []downloadtest.Option{downloadtest.Ranges(false)}},
		{"generated_with_weak_tag", "not the same bytes each time", generated(func(f *files.VirtualFile) { f.Size, f.ETag = size, `W/"1"` }), []downloadtest.Option{downloadtest.Ranges(false)}},
		{"generated_with_size_and_tag", "ranges of what does not exist", generated(func(f *files.VirtualFile) { f.Size, f.ETag = size, `"1"` }), []downloadtest.Option{downloadtest.Ranges(true)}},
		{"generated_by_writer", "a function that writes", virtual(func(*http.Request) (fs.File, error) {
			return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
				_, err := io.WriteString(w, "Hello world!")
				return err
			}), "hello.txt"), nil
		}), nil},
		{"os.File", "ranges by Seek", open("small.txt"), []downloadtest.Option{downloadtest.Ranges(true)}},
		{"os.File_large", "sendfile", open("large.bin"), []downloadtest.Option{downloadtest.Ranges(true)}},
		{"embed.FS", "no modification time", views.FileFunc(func(*http.Request) (fs.File, error) {
			return testdata.Open("testdata/poem.txt")
		}), []downloadtest.Option{downloadtest.Ranges(true)}},
		{"changing", "another content at each request", virtual(func(*http.Request) (fs.File, error) {
			return files.NewContentFile(strings.Repeat("x", 10+int(serial.Add(1)%7)), "x.txt"), nil
		}), []downloadtest.Option{downloadtest.Changing()}},
		{"path_value", "http.ServeMux", virtual(func(r *http.Request) (fs.File, error) {
			if r.PathValue("id") != "7" || r.URL.Query().Get("lang") != "fr" {
				return nil, fs.ErrNotExist
			}
			return files.NewContentFile("Facture 7", "facture.txt"), nil
		}), []downloadtest.Option{downloadtest.At("GET /invoices/{id}", "/invoices/7?lang=fr")}},
		{"chi_and_middleware", "another router", virtual(func(r *http.Request) (fs.File, error) {
			if chi.URLParam(r, "id") != "7" {
				return nil, fs.ErrNotExist
			}
			return files.NewContentFile("Invoice 7", "invoice.txt"), nil
		}), []downloadtest.Option{downloadtest.At("/", "/invoices/7"), downloadtest.Through(func(view http.Handler) http.Handler {
			r := chi.NewRouter()
			r.Use(middleware.RequestID, middleware.Recoverer)
			r.Method(http.MethodGet, "/invoices/{id}", view)
			r.Method(http.MethodHead, "/invoices/{id}", view)
			return r
		})}},
		{"cookie", "requests are prepared", virtual(func(r *http.Request) (fs.File, error) {
			if _, err := r.Cookie("session"); err != nil {
				return nil, errors.Join(fs.ErrPermission, err)
			}
			return files.NewContentFile("secret", "secret.txt"), nil
		}), []downloadtest.Option{downloadtest.EachRequest(func(r *http.Request) {
			r.AddCookie(&http.Cookie{Name: "session", Value: "1"})
		})}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			downloadtest.TestView(t, tc.view, tc.opts...)
		})
	}
}

func inlineView() (v views.VirtualDownloadView) {
	v.Options.Inline = true
	return v
}
