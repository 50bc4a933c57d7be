package views_test

import (
	"fmt"
	"io/fs"
	"net/http"

	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// PointerView has a hook with a pointer receiver, which its values do not have.
type PointerView struct{ TextDownloadView }

func (*PointerView) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{Inline: true}
}

// OutdatedView has a hook with another signature.
type OutdatedView struct{ TextDownloadView }

func (OutdatedView) GetOptions(*http.Request) response.Options {
	return response.Options{Inline: true}
}

// ShadowedView has a field in the place of a hook.
type ShadowedView struct {
	TextDownloadView
	HandleError bool
}

// PrivateView has a method in the place of the field Path, which is what the
// embedded view calls.
type PrivateView struct{ views.PathDownloadView }

func (PrivateView) Path(*http.Request) (string, error) { return "", fs.ErrPermission }

// AsView and Mount refuse a view with something that would have no effect: when
// the program starts, and not on a request.
func ExampleAsView_refused() {
	for _, view := range []views.DownloadView{
		PointerView{},
		OutdatedView{},
		ShadowedView{},
		PrivateView{views.PathDownloadView{Dir: "."}},
		views.FileFunc(nil),
		nil,
	} {
		func() {
			defer func() { fmt.Println(recover()) }()
			views.AsView(view)
		}()
	}
	views.AsView(&PointerView{}) // as the first message says
	// Output:
	// views: AsView: views_test.PointerView.GetOptions has a pointer receiver and would not be called: mount a *views_test.PointerView
	// views: AsView: views_test.OutdatedView.GetOptions is a func(*http.Request) response.Options and would not be called: it must be a func(*http.Request, fs.File) response.Options
	// views: AsView: views_test.ShadowedView has no HandleError that could be called, since a field hides it or two embedded structs have it: it must be a method, func(http.ResponseWriter, *http.Request, error)
	// views: AsView: views_test.PrivateView has a method Path, which would not be called: the embedded view calls its field of that name. Give the method another name, and set the field to it
	// views: AsView: the view is nil (views.FileFunc)
	// views: AsView: the view is nil (<nil>)
}
