package views_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-downloadview/downloadview/views"
)

// MisspeltDownloadView has a hook that nobody calls: an "i" is missing. The
// default of the embedded view stays in its place.
type MisspeltDownloadView struct{ GeneratedDownloadView }

func (MisspeltDownloadView) WasModifedSince(*http.Request, fs.File, time.Time) bool {
	return false
}

// DON'T spell a hook like this. It compiles, since a struct may have any method
// that it likes, and the default answers in silence.
func Example_incorrectHook() {
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("If-Modified-Since", edited.Format(http.TimeFormat))
	w := httptest.NewRecorder()
	views.AsView(MisspeltDownloadView{})(w, req)
	fmt.Println(w.Code) // 304 was meant
	// Output:
	// 200
}
