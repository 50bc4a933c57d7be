package views

import (
	"fmt"
	"io/fs"
	"net/http"
	"reflect"
	"time"

	"github.com/go-downloadview/downloadview/response"
)

// DownloadView is what every view is. All requests share it: its methods must
// be safe for concurrent use.
type DownloadView interface {
	// GetFile returns the file that answers r. The caller closes it.
	// [fs.ErrNotExist] and sql.ErrNoRows become a 404, [fs.ErrPermission] a
	// 403, any other error a 500, unless the view has a HandleError.
	GetFile(r *http.Request) (fs.File, error)

	// WasModifiedSince reports whether file, as GetFile returned it for r,
	// changed after since. If it did not, the answer is 304 Not Modified.
	WasModifiedSince(r *http.Request, file fs.File, since time.Time) bool
}

// The optional hooks of a view. [BaseDownloadView] has the first two; Check, if
// there is one, is called once, by AsView, and refuses settings that cannot work.
type (
	optionsGetter interface {
		GetOptions(r *http.Request, file fs.File) response.Options
	}
	errorHandler interface {
		HandleError(w http.ResponseWriter, r *http.Request, err error)
	}
	checker interface {
		Check() error
	}
)

// BaseDownloadView is embedded, by value, in every view: it has a default for each
// hook but GetFile, so a view without GetFile does not compile.
//
// In django-downloadview: DownloadMixin and BaseDownloadView.
type BaseDownloadView struct {
	// Options say how files are presented and sent: Inline, Basename,
	// ContentType, WriteTimeout, OnDone and more. They hold for all requests:
	// for options that depend on the request or the file, override GetOptions.
	//
	//	v := TextDownloadView{}
	//	v.Options.Inline = true
	Options response.Options
}

var (
	_ optionsGetter = BaseDownloadView{}
	_ errorHandler  = BaseDownloadView{}
	_ embedder      = BaseDownloadView{}
)

// GetOptions returns the view's Options. Override it for options that depend on
// the request or the file.
func (v BaseDownloadView) GetOptions(*http.Request, fs.File) response.Options {
	return v.Options
}

// WasModifiedSince is [response.WasModifiedSince]: the file's own answer, else
// by its modification time, else true.
func (v BaseDownloadView) WasModifiedSince(_ *http.Request, file fs.File, since time.Time) bool {
	return response.WasModifiedSince(file, since)
}

// HandleError is [response.Error]: 404, 403 or 500. It is called with the error
// of GetFile, and with whatever else goes wrong before the first byte of the
// file has left; w's header has nothing of the file in it then, and Cache-Control
// is no-store.
func (v BaseDownloadView) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	response.Error(w, r, err)
}

// FileFunc is a view that is nothing but a GetFile, as [http.HandlerFunc] is a
// handler that is nothing but a function.
type FileFunc func(r *http.Request) (fs.File, error)

var _ DownloadView = FileFunc(nil)

// GetFile calls f.
func (f FileFunc) GetFile(r *http.Request) (fs.File, error) { return f(r) }

// WasModifiedSince is as [BaseDownloadView.WasModifiedSince].
func (f FileFunc) WasModifiedSince(_ *http.Request, file fs.File, since time.Time) bool {
	return response.WasModifiedSince(file, since)
}

// AsView returns a handler that answers GET and HEAD with v's file, and any
// other method with 405.
//
// It panics, with a message that names the mistake, if v is nil, if v has a
// method Check() error and that returns one, or if a method of v would not be
// called: an optional hook (GetOptions, HandleError, Check) with another signature,
// or with a pointer receiver where v is not a pointer; a method of the name and
// signature of a field of the embedded view that is a function, such as Path.
func AsView(v DownloadView) http.HandlerFunc {
	mustWork(v)
	opts, hasOptions := v.(optionsGetter)
	errs, hasErrors := v.(errorHandler)
	handleError := response.Error
	if hasErrors {
		handleError = errs.HandleError
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			response.ClearHeader(w, r)
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		file, err := v.GetFile(r)
		if err == nil && isNil(file) {
			err = fmt.Errorf("views: %T.GetFile returned nil, nil", v)
		}
		resp := &response.DownloadResponse{File: file, Err: err, HandleError: handleError}
		if err != nil {
			resp.File = nil
			resp.ServeHTTP(w, r)
			return
		}
		defer resp.Close() // if a hook panics; otherwise it has been closed
		if hasOptions {
			resp.Options = opts.GetOptions(r, file)
		}
		resp.WasModifiedSince = func(since time.Time) bool { return v.WasModifiedSince(r, file, since) }
		resp.ServeHTTP(w, r)
	}
}

// mustWork panics if v cannot work, at start-up rather than on a request.
func mustWork(v DownloadView) {
	if isNil(v) {
		panic(fmt.Sprintf("views: AsView: the view is nil (%T)", v))
	}
	refuseUncalled(v)
	if c, ok := v.(checker); ok {
		if err := c.Check(); err != nil {
			panic(fmt.Sprintf("views: AsView: %T: %v", v, err))
		}
	}
}

// isNil reports whether v is nil or holds a nil pointer or function, which is
// what an unset variable of a concrete type becomes in an interface.
func isNil(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Slice, reflect.Chan:
		return r.IsNil()
	}
	return false
}
