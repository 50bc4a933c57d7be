package views_test

import (
	"io/fs"
	"net/http"
	"os"
	"reflect"
	"strings"
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
	pathFieldView         struct {
		views.PathDownloadView
		Path string
	}
	storageMethodView struct{ views.StorageDownloadView }
	urlMethodView     struct{ views.HTTPDownloadView }
	objectMethodView  struct{ views.ObjectDownloadView[int] }
	objectFieldView   struct {
		views.ObjectDownloadView[string]
		File string
	}
	inlineFieldView struct {
		views.VirtualDownloadView
		Inline bool
	}
	deepView struct { // hides nothing
		inlineFieldView
		Title string
	}
	deepMethodView struct{ *pathMethodView }
	optionsTwice   struct {
		views.BaseDownloadView
		response.Options
	}
	optionsField struct {
		views.VirtualDownloadView
		Options []string
	}
	settings     struct{ Basename, Title string }
	settingsView struct { // Basename is less deep in settings
		views.VirtualDownloadView
		settings
	}
	deepSettings     struct{ *settings }
	deepSettingsView struct {
		views.VirtualDownloadView
		deepSettings
	}
	originView struct { // options that would not be used
		views.HTTPDownloadView
		Origin string
	}
	checkFieldView struct {
		views.PathDownloadView
		Check bool
	}
	PathMixin struct{}
	mixinView struct { // as deep as the field: Go takes neither
		views.PathDownloadView
		PathMixin
	}
	pathInterface interface {
		Path(r *http.Request) (string, error)
	}
	interfaceView struct {
		views.PathDownloadView
		pathInterface
	}
	carelessView struct { // the Check of neither would be called
		views.PathDownloadView
		views.StorageDownloadView
	}
	overriding struct { // GetFile is overridden, and yet
		views.PathDownloadView
		Root string
	}
)

func (pathMethodView) Path(*http.Request) (string, error)         { return "", fs.ErrPermission }
func (*pathPointerMethodView) Path(*http.Request) (string, error) { return "", fs.ErrPermission }
func (storageMethodView) Allow(string) bool                       { return false }
func (urlMethodView) URL(*http.Request) (string, error)           { return "", fs.ErrPermission }
func (objectMethodView) GetObject(*http.Request) (int, error)     { return 0, fs.ErrPermission }
func (PathMixin) Path(*http.Request) (string, error)              { return "", fs.ErrPermission }

func (inlineFieldView) GetFile(*http.Request) (fs.File, error)  { return nil, fs.ErrNotExist }
func (optionsTwice) GetFile(*http.Request) (fs.File, error)     { return nil, fs.ErrNotExist }
func (optionsField) GetFile(*http.Request) (fs.File, error)     { return nil, fs.ErrNotExist }
func (settingsView) GetFile(*http.Request) (fs.File, error)     { return nil, fs.ErrNotExist }
func (deepSettingsView) GetFile(*http.Request) (fs.File, error) { return nil, fs.ErrNotExist }
func (overriding) GetFile(*http.Request) (fs.File, error)       { return nil, fs.ErrNotExist }

func (carelessView) GetFile(*http.Request) (fs.File, error)                    { return nil, fs.ErrNotExist }
func (carelessView) WasModifiedSince(*http.Request, fs.File, time.Time) bool   { return true }
func (carelessView) GetOptions(*http.Request, fs.File) (opts response.Options) { return opts }
func (carelessView) HandleError(http.ResponseWriter, *http.Request, error)     {}

func TestAsViewRefusesWhatHides(t *testing.T) {
	path := views.PathDownloadView{Dir: t.TempDir()}
	url := views.HTTPDownloadView{URL: func(*http.Request) (string, error) { return "", nil }}
	for _, tt := range []struct {
		reason string
		view   views.DownloadView
		want   []string // in the message
	}{
		{"a method in the place of a function that is a field", pathMethodView{path},
			[]string{"views_test.pathMethodView has a method Path, which hides the field of views.PathDownloadView", "would not be called", "set the field to it"}},
		{"the same by pointer", &pathMethodView{path}, []string{"views_test.pathMethodView has a method Path"}},
		{"on the pointer, over a pointer", &pathPointerMethodView{&path}, []string{"views_test.pathPointerMethodView has a method Path"}},
		{"on the pointer, mounted by value", pathPointerMethodView{&path}, []string{"views_test.pathPointerMethodView has a method Path"}},
		{"deeper", deepMethodView{&pathMethodView{path}}, []string{"views_test.pathMethodView has a method Path", "views.PathDownloadView"}},
		{"of a storage", storageMethodView{views.StorageDownloadView{Storage: fstest.MapFS{}}},
			[]string{"views_test.storageMethodView has a method Allow", "views.StorageDownloadView"}},
		{"URL", urlMethodView{url}, []string{"views_test.urlMethodView has a method URL", "views.HTTPDownloadView"}},
		{"of objects", objectMethodView{}, []string{"views_test.objectMethodView has a method GetObject", "views.ObjectDownloadView[int]"}},
		{"a field", pathFieldView{PathDownloadView: path},
			[]string{"views_test.pathFieldView has a field Path, which hides that of views.PathDownloadView", "assign to the embedded one, or give it another name"}},
		{"a field, of objects", objectFieldView{}, []string{"views_test.objectFieldView has a field File", "views.ObjectDownloadView[string]"}},
		{"an option", inlineFieldView{}, []string{"views_test.inlineFieldView has a field Inline", "views.VirtualDownloadView"}},
		{"an option, deeper", deepView{}, []string{"views_test.inlineFieldView has a field Inline", "views.VirtualDownloadView"}},
		{"all options", optionsTwice{}, []string{"views_test.optionsTwice has a field Options", "views.BaseDownloadView"}},
		{"the name of all options", optionsField{}, []string{"views_test.optionsField has a field Options"}},
		{"in another embedded struct", settingsView{}, []string{"views_test.settings has a field Basename", "views.VirtualDownloadView"}},
		{"deeper, but not as deep", deepSettingsView{}, []string{"views_test.settings has a field Basename"}},
		{"of a view at a URL", originView{HTTPDownloadView: url}, []string{"views_test.originView has a field Origin"}},
		{"a field in the place of Check", checkFieldView{PathDownloadView: path}, []string{"views_test.checkFieldView has no Check that could be called"}},
		{"two embedded views, and no Check", carelessView{}, []string{"views_test.carelessView has no Check that could be called"}},
		{"a method of another embedded struct", mixinView{PathDownloadView: path}, []string{"views_test.PathMixin has a method Path"}},
		{"a method of an embedded interface", interfaceView{path, PathMixin{}}, []string{"views_test.pathInterface has a method Path"}},
		{"even if GetFile is overridden: it may call the embedded one", overriding{PathDownloadView: path}, []string{"views_test.overriding has a field Root"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			mustPanic(t, func() { views.AsView(tt.view) }, append(tt.want, "views: AsView: ")...)
		})
	}
}

// What is deliberate, and hides nothing.
type (
	libraryView struct { // the fields' names begin in lower case, or are others
		views.PathDownloadView
		path, root, inline string
		Database           string
	}
	fileView struct { // File belongs to other views
		views.VirtualDownloadView
		File fs.File
	}
	recursiveView struct {
		views.VirtualDownloadView
		*recursiveView
	}
	logging     struct{}
	loggingView struct {
		views.StorageDownloadView
		logging
		*http.ServeMux
	}
	eitherView struct { // two views, of which it asks one after the other
		views.PathDownloadView
		views.StorageDownloadView
	}
	bareOptions struct{ response.Options } // no view's
	ownView     struct{ bareOptions }
	definedView views.PathDownloadView // has the fields, not the methods
	shallowView struct {               // the second base is less deep, and its options count
		libraryView
		views.VirtualDownloadView
	}
	StorePath struct{}
	storeView struct { // another Path, as deep as the field, and no hook
		views.PathDownloadView
		StorePath
	}
)

func (StorePath) Path() string { return "" }

func (logging) Log(string) {}

func (v fileView) GetFile(*http.Request) (fs.File, error) { return v.File, nil }
func (recursiveView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("recursive", "a.txt"), nil
}
func (recursiveView) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }
func (recursiveView) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{}
}
func (recursiveView) HandleError(w http.ResponseWriter, r *http.Request, err error) {}

func (v libraryView) GetOptions(r *http.Request, f fs.File) response.Options {
	return v.PathDownloadView.GetOptions(r, f)
}
func (v libraryView) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	v.PathDownloadView.HandleError(w, r, err)
}
func (v libraryView) WasModifiedSince(r *http.Request, f fs.File, since time.Time) bool {
	return v.PathDownloadView.WasModifiedSince(r, f, since)
}
func (v libraryView) GetFile(r *http.Request) (fs.File, error) { return v.PathDownloadView.GetFile(r) }
func (v libraryView) Check() error                             { return v.PathDownloadView.Check() }

func (v shallowView) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }

func (v eitherView) GetFile(r *http.Request) (fs.File, error) {
	file, err := v.PathDownloadView.GetFile(r)
	if err != nil {
		return v.StorageDownloadView.GetFile(r)
	}
	return file, nil
}
func (v eitherView) WasModifiedSince(r *http.Request, f fs.File, since time.Time) bool {
	return v.PathDownloadView.WasModifiedSince(r, f, since)
}
func (v eitherView) GetOptions(r *http.Request, f fs.File) response.Options {
	return v.PathDownloadView.GetOptions(r, f)
}
func (v eitherView) HandleError(w http.ResponseWriter, r *http.Request, err error) {
	v.PathDownloadView.HandleError(w, r, err)
}
func (v eitherView) Check() error { return v.PathDownloadView.Check() }

func (ownView) GetFile(*http.Request) (fs.File, error) {
	return files.NewContentFile("own", "a.txt"), nil
}
func (ownView) WasModifiedSince(*http.Request, fs.File, time.Time) bool { return true }

func (v definedView) GetFile(r *http.Request) (fs.File, error) {
	return views.PathDownloadView(v).GetFile(r)
}

func TestAsViewTakesWhatHidesNothing(t *testing.T) {
	path := views.PathDownloadView{Dir: storedDir(t, "a.txt", "path"), FixedPath: "a.txt"}
	storage := views.StorageDownloadView{Storage: fstest.MapFS{"a.txt": {Data: []byte("storage")}}, FixedPath: "a.txt"}
	missing := views.PathDownloadView{Dir: path.Dir, FixedPath: "missing"}
	for _, tt := range []struct {
		reason string
		view   views.DownloadView
		want   string
	}{
		{"fields of other names, and every hook overridden", libraryView{path, "a", "b", "c", "d"}, "path"},
		{"the same by pointer", &libraryView{PathDownloadView: path}, "path"},
		{"a field that other views have", fileView{File: files.NewContentFile("file", "a.txt")}, "file"},
		{"a type that embeds itself", recursiveView{recursiveView: &recursiveView{}}, "recursive"},
		{"structs of other things", loggingView{StorageDownloadView: storage, ServeMux: http.NewServeMux()}, "storage"},
		{"two views", eitherView{missing, storage}, "storage"},
		{"options that are no view's", ownView{}, "own"},
		{"a type that is defined as a view is", definedView(path), "path"},
		{"a base that is less deep", shallowView{libraryView: libraryView{PathDownloadView: path}}, "path"},
		{"a method that is no hook, in another embedded struct", storeView{PathDownloadView: path}, "path"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.Record(views.AsView(tt.view), "GET", "/").Check(t, 200, tt.want)
		})
	}
}

// Every field that a user may set is one that a method may hide. The names of
// methods are constants in the source, so that they may be forgotten there.
func TestNoFieldIsForgotten(t *testing.T) {
	source, err := os.ReadFile("hidden.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, view := range embeddable {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(view)) {
			if field.IsExported() && !field.Anonymous && !strings.Contains(string(source), `.MethodByName("`+field.Name+`")`) {
				t.Errorf("%T.%s: hidden.go does not look for a method of that name", view, field.Name)
			}
		}
	}
}
