package views

import (
	"fmt"
	"io/fs"
	"net/http"
	"reflect"
	"time"

	"github.com/go-downloadview/downloadview/response"
)

// Embedding lets a method hide a method or a field of the embedded view, without a
// word from the compiler. The embedded view goes on with its own (see the one law
// of embedding). So a method that was meant as an override has no effect, and
// a guard guards nothing. AsView refuses such views.

// embedder is what embeds a view of this package. The view is asked for the outer
// value. overridden is the method of outer that looks like an override of a field
// that is a function, or "". checked reports whether the view has a
// Check.
type embedder interface {
	hidden(outer any) (overridden string, checked bool)
}

func (BaseDownloadView) hidden(any) (string, bool) { return "", false }

func (PathDownloadView) hidden(outer any) (string, bool) { return overriddenPath(outer), true }

func (StorageDownloadView) hidden(outer any) (string, bool) { return overriddenPath(outer), true }

func overriddenPath(outer any) string {
	switch outer.(type) {
	case interface {
		Path(r *http.Request) (string, error)
	}:
		return "Path"
	case interface{ Allow(name string) bool }:
		return "Allow"
	}
	return ""
}

func (HTTPDownloadView) hidden(outer any) (string, bool) {
	if _, ok := outer.(interface {
		URL(r *http.Request) (string, error)
	}); ok {
		return "URL", true
	}
	return "", true
}

func (ObjectDownloadView[T]) hidden(outer any) (string, bool) {
	switch outer.(type) {
	case interface {
		GetObject(r *http.Request) (T, error)
	}:
		return "GetObject", true
	case interface {
		File(r *http.Request, object T) (fs.File, error)
	}:
		return "File", true
	case interface{ Basename(T) string }:
		return "Basename", true
	case interface{ ContentType(T) string }:
		return "ContentType", true
	case interface{ Encoding(T) string }:
		return "Encoding", true
	case interface{ Size(T) int64 }:
		return "Size", true
	case interface{ ModTime(T) time.Time }:
		return "ModTime", true
	case interface{ ETag(T) string }:
		return "ETag", true
	}
	return "", true
}

// refuseUncalled panics if v has a method that was meant to be called and would not
// be.
func refuseUncalled(v DownloadView) {
	t := reflect.TypeOf(v)
	all := reflect.ValueOf(v) // v with the methods that its pointer has
	if t.Kind() != reflect.Pointer {
		all = reflect.New(t)
	}
	view, embeds := v.(embedder)
	checked := false
	if embeds {
		var name string
		if name, checked = view.hidden(all.Interface()); name != "" {
			panic(fmt.Sprintf("views: AsView: %v has a method %s, which would not be called: "+
				"the embedded view calls its field of that name. Give the method another name, and set the field to it", t, name))
		}
	}
	// Only reflection finds a method of another signature. MethodByName with
	// constants lets the linker drop other methods.
	refuseHook[optionsGetter, func(*http.Request, fs.File) response.Options](t, "GetOptions", all.MethodByName("GetOptions"), embeds)
	refuseHook[errorHandler, func(http.ResponseWriter, *http.Request, error)](t, "HandleError", all.MethodByName("HandleError"), embeds)
	refuseHook[checker, func() error](t, "Check", all.MethodByName("Check"), checked)
}

// refuseHook panics if a view of type t has a method of that name, on itself or
// on its pointer, or embeds a view that has the hook, and yet is no Hook.
func refuseHook[Hook, Func any](t reflect.Type, name string, method reflect.Value, embedded bool) {
	if t.Implements(reflect.TypeFor[Hook]()) {
		return
	}
	want := reflect.TypeFor[Func]()
	switch {
	case method.IsValid() && method.Type() == want:
		panic(fmt.Sprintf("views: AsView: %v.%s has a pointer receiver and would not be called: mount a *%[1]v", t, name))
	case method.IsValid():
		panic(fmt.Sprintf("views: AsView: %v.%s is a %v and would not be called: it must be a %v", t, name, method.Type(), want))
	case embedded:
		panic(fmt.Sprintf("views: AsView: %v has no %s that could be called, since a field hides it or two embedded structs have it: it must be a method, %v", t, name, want))
	}
}
