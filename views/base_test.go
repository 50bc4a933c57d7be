package views_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// hookedView overrides every hook, and calls the view that it embeds in each.
type hookedView struct{ textView }

func (v hookedView) GetFile(r *http.Request) (fs.File, error) {
	if r.URL.Path == "/missing" {
		return nil, fs.ErrNotExist
	}
	return v.textView.GetFile(r)
}

func (v hookedView) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.textView.GetOptions(r, file) // the fields of the mounted value
	opts.Basename = r.URL.Query().Get("as") + "-" + opts.Basename
	return opts
}

func (v hookedView) WasModifiedSince(r *http.Request, file fs.File, since time.Time) bool {
	return v.textView.WasModifiedSince(r, file, since) && r.URL.Query().Get("as") != "old"
}

func (v hookedView) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("X-Handled-By", "hookedView")
	v.textView.HandleError(w, r, err)
}

// outerView embeds a view with hooks of its own, and overrides one of them.
type outerView struct{ hookedView }

func (outerView) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }

func TestHooks(t *testing.T) {
	servertest.CaptureLog(t)
	hooked := hookedView{}
	hooked.Options.Inline, hooked.Options.Basename = true, "b.csv"
	epoch := "Thu, 01 Jan 1970 00:00:01 GMT"
	for _, tt := range []struct {
		reason      string
		view        views.DownloadView
		target      string
		status      int
		disposition string
		handledBy   string
	}{
		{"options by the embedded fields", func() views.DownloadView { v := textView{}; v.Options.Inline = true; return v }(), "/?as=old",
			200, `inline; filename="hello-world.txt"`, ""},
		{"overridden options, with a super call", hooked, "/?as=a", 200, `inline; filename="a-b.csv"`, ""},
		{"by a pointer", &hooked, "/?as=a", 200, `inline; filename="a-b.csv"`, ""},
		{"overridden WasModifiedSince", hooked, "/?as=old", 304, "", ""},
		{"overridden HandleError, with a super call", hooked, "/missing", 404, "", "hookedView"},
		{"the outermost override wins", outerView{hooked}, "/?as=old", 200, `inline; filename="old-b.csv"`, ""},
		{"and the others are inherited", outerView{hooked}, "/missing", 404, "", "hookedView"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			got := servertest.Record(views.AsView(tt.view), "GET", tt.target, "If-Modified-Since", epoch)
			if got.Status != tt.status || tt.status == 200 && got.Body != "Hello world!\n" ||
				got.Header.Get("Content-Disposition") != tt.disposition || got.Header.Get("X-Handled-By") != tt.handledBy {
				t.Errorf("%d %q %v", got.Status, got.Body, got.Header)
			}
		})
	}
}

// failingView returns a file, and that fails before its first byte.
type failingView struct{ hookedView }

func (failingView) GetFile(*http.Request) (fs.File, error) {
	file := files.NewVirtualFile(files.NewWriterIO(func(io.Writer) error { return fs.ErrPermission }), "a.txt")
	file.ETag = `"v1"`
	return file, nil
}

func TestHandleErrorOfAFileThatFails(t *testing.T) {
	servertest.CaptureLog(t)
	got := servertest.Record(views.AsView(failingView{}), "GET", "/")
	if got.Status != http.StatusForbidden || got.Header.Get("X-Handled-By") != "hookedView" {
		t.Errorf("%d %q %v", got.Status, got.Body, got.Header)
	}
	got.CheckErrorHeader(t)
}

func TestHooksAreGivenTheFile(t *testing.T) {
	file := files.NewContentFile("Hello", "a.txt")
	view := &tellingView{fixedView: fixedView{File: file}}
	servertest.Record(views.AsView(view), "GET", "/?q=1", "If-Modified-Since", "Tue, 03 Feb 2026 04:05:06 GMT")
	want := []string{"GetOptions /?q=1 true", "WasModifiedSince /?q=1 true 2026-02-03 04:05:06 +0000 UTC"}
	if diff := cmp.Diff(want, view.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

type tellingView struct {
	fixedView
	calls []string
}

func (v *tellingView) GetOptions(r *http.Request, file fs.File) response.Options {
	v.calls = append(v.calls, fmt.Sprint("GetOptions ", r.URL, " ", file == v.File))
	return response.Options{}
}

func (v *tellingView) WasModifiedSince(r *http.Request, file fs.File, since time.Time) bool {
	v.calls = append(v.calls, fmt.Sprint("WasModifiedSince ", r.URL, " ", file == v.File, " ", since.UTC()))
	return true
}

// These are mistakes that compile.
type (
	wrongOptionsView struct{ textView }
	wrongErrorView   struct{ textView }
	pointerHookView  struct{ textView }
	hidingView       struct {
		textView
		GetOptions string
	}
	ambiguousView struct {
		textView
		views.BaseDownloadView
	}
	standaloneView struct{} // embeds nothing
)

func (wrongOptionsView) GetOptions(fs.File) response.Options                   { return response.Options{} }
func (wrongErrorView) HandleError(http.ResponseWriter, *http.Request) error    { return nil }
func (*pointerHookView) HandleError(http.ResponseWriter, *http.Request, error) {}

func (standaloneView) GetFile(*http.Request) (fs.File, error)                  { return nil, nil }
func (standaloneView) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }
func (standaloneView) GetOptions() response.Options                            { return response.Options{} }

func TestAsViewRefuses(t *testing.T) {
	for _, tt := range []struct {
		reason string
		view   views.DownloadView
		want   []string // in the message
	}{
		{"no view", nil, []string{"the view is nil"}},
		{"a nil function", views.FileFunc(nil), []string{"the view is nil", "views.FileFunc"}},
		{"a nil pointer", (*textView)(nil), []string{"the view is nil", "*views_test.textView"}},
		{"GetOptions with another signature", wrongOptionsView{},
			[]string{"views_test.wrongOptionsView.GetOptions", "func(*http.Request, fs.File) response.Options"}},
		{"the same by pointer", &wrongOptionsView{}, []string{"*views_test.wrongOptionsView", "GetOptions", "func(*http.Request, fs.File) response.Options"}},
		{"HandleError with another signature", wrongErrorView{},
			[]string{"views_test.wrongErrorView.HandleError", "func(http.ResponseWriter, *http.Request, error)"}},
		{"a pointer receiver, and a value", pointerHookView{},
			[]string{"HandleError has a pointer receiver", "mount a *views_test.pointerHookView"}},
		{"a field in the place of a hook", hidingView{}, []string{"views_test.hidingView", "no GetOptions that could be called"}},
		{"the same by pointer", &hidingView{}, []string{"views_test.hidingView", "no GetOptions that could be called"}},
		{"a view that embeds nothing", standaloneView{}, []string{"views_test.standaloneView.GetOptions"}},
		{"a view that embeds nothing, by pointer", &standaloneView{}, []string{"views_test.standaloneView", "GetOptions"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			mustPanic(t, func() { views.AsView(tt.view) }, append(tt.want, "views: AsView: ")...)
		})
	}
}

func TestAsViewTakes(t *testing.T) {
	for reason, view := range map[string]views.DownloadView{
		"a pointer receiver, and a pointer":                 &pointerHookView{},
		"a function":                                        views.FileFunc(textView{}.GetFile),
		"two bases, of which one is less deep than another": ambiguousView{},
	} {
		if got := servertest.Record(views.AsView(view), "GET", "/"); got.Status != 200 || got.Body != "Hello world!\n" {
			t.Errorf("%s: %d %q", reason, got.Status, got.Body)
		}
	}
}

// emptyHandedView returns neither a file nor an error.
type emptyHandedView struct {
	views.VirtualDownloadView
	typed bool
}

func (v emptyHandedView) GetFile(*http.Request) (fs.File, error) {
	if v.typed {
		var file *files.ContentFile
		return file, nil
	}
	return nil, nil
}

func TestErrorsOfGetFile(t *testing.T) {
	failing := func(err error) views.DownloadView {
		return views.FileFunc(func(*http.Request) (fs.File, error) { return nil, err })
	}
	stored := fstest.MapFS{"dir/a.txt": {}}
	for _, tt := range []struct {
		reason string
		view   views.DownloadView
		want   int
		log    string
	}{
		{"not there", failing(fmt.Errorf("secret: %w", fs.ErrNotExist)), 404, "secret"},
		{"not allowed", failing(&fs.PathError{Op: "open", Path: "/secret", Err: fs.ErrPermission}), 403, "secret"},
		{"anything else", failing(errors.New("secret")), 500, "secret"},
		{"a timeout", failing(fmt.Errorf("secret: %w", context.DeadlineExceeded)), 500, "secret"},
		{"a file system's own error", views.FileFunc(func(*http.Request) (fs.File, error) { return stored.Open("secret") }), 404, "secret"},
		{"a directory", views.FileFunc(func(*http.Request) (fs.File, error) { return stored.Open("dir") }), 404, "dir is a directory"},
		{"neither a file nor an error", emptyHandedView{}, 500, "views_test.emptyHandedView.GetFile returned nil, nil"},
		{"a nil pointer in the place of a file", emptyHandedView{typed: true}, 500, "views_test.emptyHandedView.GetFile returned nil, nil"},
		{"by a pointer to a view", &emptyHandedView{}, 500, "*views_test.emptyHandedView.GetFile returned nil, nil"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			logs := servertest.CaptureLog(t)
			for _, method := range []string{"GET", "HEAD"} {
				before := len(logs.Lines())
				got := servertest.Record(meddling(views.AsView(tt.view)), method, "/", "If-None-Match", `"v1"`, "Range", "bytes=0-1")
				if got.Status != tt.want || strings.Contains(got.Body, "secret") || got.Body != http.StatusText(tt.want)+"\n" {
					t.Errorf("%s: %d %q", method, got.Status, got.Body)
				}
				got.CheckErrorHeader(t)
				lines := logs.Lines()[before:]
				if len(lines) != 1 || !strings.Contains(lines[0], tt.log) {
					t.Errorf("%s: log %q, want one line with %q", method, lines, tt.log)
				}
			}
		})
	}
}

// meddling is a middleware that sets fields for the files to come.
func meddling(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=31536000")
		w.Header().Set("Content-Disposition", "attachment")
		w.Header().Set("Etag", `"v1"`)
		w.Header().Set("Last-Modified", "Tue, 03 Feb 2026 04:05:06 GMT")
		next.ServeHTTP(w, r)
	})
}

// bareErrorView has a HandleError that writes a page of its own.
type bareErrorView struct{ emptyHandedView }

func (bareErrorView) HandleError(w http.ResponseWriter, _ *http.Request, _ error) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusTeapot)
}

// HandleError's comment: the header has nothing of the file in it then.
func TestHandleErrorFindsACleanHeader(t *testing.T) {
	got := servertest.Record(meddling(views.AsView(bareErrorView{})), "GET", "/")
	if got.Status != http.StatusTeapot {
		t.Errorf("%d %q", got.Status, got.Body)
	}
	got.CheckErrorHeader(t)
}

func TestOtherMethods(t *testing.T) {
	h := meddling(views.AsView(views.FileFunc(func(*http.Request) (fs.File, error) {
		t.Error("GetFile was called")
		return nil, fs.ErrNotExist
	})))
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get"} {
		got := servertest.Record(h, method, "/")
		if got.Status != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, got.Status, got.Header["Allow"])
		}
	}
}

func TestOtherMethodsHaveACleanHeader(t *testing.T) {
	servertest.Record(meddling(views.AsView(textView{})), "POST", "/").CheckErrorHeader(t)
}
