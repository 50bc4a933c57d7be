package views_test

import (
	"database/sql"
	"io/fs"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// What a stranger writes who takes embedding for inheritance.
type (
	pathMethodView        struct{ views.PathDownloadView }
	pathPointerMethodView struct{ *views.PathDownloadView }
	allowMethodView       struct{ views.PathDownloadView }
	storageMethodView     struct{ views.StorageDownloadView }
	urlMethodView         struct{ views.HTTPDownloadView }
	objectView            = views.ObjectDownloadView[int]
	objectMethodView      struct{ objectView }
	fileMethodView        struct{ objectView }
	tagMethodView         struct{ objectView }
	deepMethodView        struct{ *pathMethodView }
	mixin                 struct{}
	mixinView             struct { // less deep than the field
		deepPathView
		mixin
	}
	deepPathView  struct{ views.PathDownloadView }
	interfaceView struct {
		deepPathView
		pathInterface
	}
	pathInterface interface {
		Path(r *http.Request) (string, error)
	}
	checkFieldView struct {
		views.PathDownloadView
		Check bool
	}
)

func (pathMethodView) Path(*http.Request) (string, error)         { return "", fs.ErrPermission }
func (*pathPointerMethodView) Path(*http.Request) (string, error) { return "", fs.ErrPermission }
func (allowMethodView) Allow(string) bool                         { return false }
func (storageMethodView) Allow(string) bool                       { return false }
func (urlMethodView) URL(*http.Request) (string, error)           { return "", fs.ErrPermission }
func (objectMethodView) GetObject(*http.Request) (int, error)     { return 0, sql.ErrNoRows }
func (*fileMethodView) File(*http.Request, int) (fs.File, error)  { return nil, fs.ErrPermission }
func (tagMethodView) ETag(int) string                             { return `"v1"` }
func (mixin) Path(*http.Request) (string, error)                  { return "", fs.ErrPermission }

func TestAsViewRefusesWhatWouldNotBeCalled(t *testing.T) {
	path := views.PathDownloadView{Dir: t.TempDir()}
	for _, tt := range []struct {
		reason string
		view   views.DownloadView
		want   []string // in the message
	}{
		{"a method in the place of a function that is a field", pathMethodView{path},
			[]string{"views_test.pathMethodView has a method Path, which would not be called", "set the field to it"}},
		{"the same by pointer", &pathMethodView{path}, []string{"views_test.pathMethodView has a method Path"}},
		{"on the pointer, over a pointer", &pathPointerMethodView{&path}, []string{"has a method Path"}},
		{"on the pointer, mounted by value", pathPointerMethodView{&path}, []string{"has a method Path"}},
		{"deeper", deepMethodView{&pathMethodView{path}}, []string{"deepMethodView has a method Path"}},
		{"a guard", allowMethodView{path}, []string{"has a method Allow"}},
		{"of a storage", storageMethodView{views.StorageDownloadView{Storage: fstest.MapFS{}}}, []string{"has a method Allow"}},
		{"URL", urlMethodView{}, []string{"has a method URL"}},
		{"of objects", objectMethodView{}, []string{"has a method GetObject"}},
		{"of objects, their file", fileMethodView{}, []string{"has a method File"}},
		{"of objects, what they know", tagMethodView{}, []string{"has a method ETag"}},
		{"of another embedded struct", mixinView{deepPathView: deepPathView{path}}, []string{"mixinView has a method Path"}},
		{"of an embedded interface", interfaceView{deepPathView{path}, mixin{}}, []string{"interfaceView has a method Path"}},
		{"a field in the place of Check", checkFieldView{PathDownloadView: path}, []string{"views_test.checkFieldView has no Check that could be called"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			mustPanic(t, func() { views.AsView(tt.view) }, append(tt.want, "views: AsView: ")...)
		})
	}
}

// The fields of a user's struct are the user's, whatever they are called: so the
// library can have new options without breaking a program that starts today.
type (
	likeOptions struct {
		Inline, Basename, ContentType, Encoding, Redirect, FlushInterval, NoGeneratedRanges, NoRanges string
		WriteTimeout, OnDone, Limiter, Options, Title                                                 string
	}
	likeHooks struct {
		Root, Dir, Storage, Path, FixedPath, Allow, Precompressed, URL, Origin, Client string
		GetObject, File, Size, ModTime, ETag                                           string
	}
	virtualWithFields struct {
		views.VirtualDownloadView
		likeOptions
		Inline bool
		File   fs.File
	}
	pathWithFields struct {
		views.PathDownloadView
		likeOptions
		likeHooks
		Path, Options int
	}
	storageWithFields struct {
		views.StorageDownloadView
		likeOptions
		likeHooks
		Storage, Inline int
	}
	httpWithFields struct {
		views.HTTPDownloadView
		likeOptions
		likeHooks
		URL, Origin int
	}
	objectWithFields struct {
		views.ObjectDownloadView[int]
		likeOptions
		likeHooks
		File, GetObject, Options int
	}
	otherSignature struct { // a method of that name, and no hook
		views.PathDownloadView
	}
	recursiveView struct {
		views.VirtualDownloadView
		*recursiveView
	}
	bareOptions struct{ response.Options } // no view's
	ownView     struct{ bareOptions }
	definedView views.PathDownloadView // has the fields, not the methods
)

func (v virtualWithFields) GetFile(*http.Request) (fs.File, error) { return v.File, nil }
func (otherSignature) Path() string                                { return "" }
func (recursiveView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("recursive", "a.txt"), nil
}
func (recursiveView) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }
func (recursiveView) GetOptions(*http.Request, fs.File) response.Options      { return response.Options{} }
func (recursiveView) HandleError(http.ResponseWriter, *http.Request, error)   {}
func (ownView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("own", "a.txt"), nil
}
func (ownView) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }
func (v definedView) GetFile(r *http.Request) (fs.File, error) {
	return views.PathDownloadView(v).GetFile(r)
}

func TestAsViewTakesAnyField(t *testing.T) {
	path := views.PathDownloadView{Dir: storedDir(t, "a.txt", "path"), FixedPath: "a.txt"}
	storage := views.StorageDownloadView{Storage: fstest.MapFS{"a.txt": {Data: []byte("storage")}}, FixedPath: "a.txt"}
	origin := servertest.Start(t, servertest.HTTP11, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("origin"))
	}))
	for _, tt := range []struct {
		reason string
		view   views.DownloadView
		want   string
	}{
		{"virtual", virtualWithFields{File: files.NewContentFile("file", "a.txt")}, "file"},
		{"path", pathWithFields{PathDownloadView: path}, "path"},
		{"path, by pointer", &pathWithFields{PathDownloadView: path}, "path"},
		{"storage", storageWithFields{StorageDownloadView: storage}, "storage"},
		{"a URL", httpWithFields{HTTPDownloadView: views.HTTPDownloadView{
			URL: func(*http.Request) (string, error) { return origin.URL + "/a.txt", nil },
		}}, "origin"},
		{"an object", objectWithFields{ObjectDownloadView: views.ObjectDownloadView[int]{
			GetObject: func(*http.Request) (int, error) { return 1, nil },
			File:      func(*http.Request, int) (fs.File, error) { return files.NewContentFile("object", "a"), nil },
		}}, "object"},
		{"a method of another signature", otherSignature{path}, "path"},
		{"a type that embeds itself", recursiveView{recursiveView: &recursiveView{}}, "recursive"},
		{"options that are no view's", ownView{}, "own"},
		{"a type that is defined as a view is", definedView(path), "path"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.Record(views.AsView(tt.view), "GET", "/").Check(t, 200, tt.want)
		})
	}
}
