package routertest_test

import (
	"io/fs"
	"net/http"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// closeFile is a file whose Close does more.
type closeFile struct {
	*files.VirtualFile
	also func()
}

func (f closeFile) Close() error {
	err := f.VirtualFile.Close()
	f.also()
	return err
}

// hookView serves a file that ends as end does, with hooks that may panic.
type hookView struct {
	views.VirtualDownloadView
	content string
	end     func() error
	close   func()
}

func (v hookView) GetFile(*http.Request) (fs.File, error) {
	return closeFile{producing(v.content, v.end), v.close}, nil
}

func nothing()    {}
func hookPanics() { panic("a hook is broken") }

// A hook that panics must not make a broken download look whole: recoveries let
// http.ErrAbortHandler pass at most, and return in good order from the rest.
func TestHooksThatPanic(t *testing.T) {
	content := rows(1 << 20)
	for _, stack := range stacks {
		for _, tt := range []struct {
			reason      string
			end         func() error
			close, done func()
		}{
			{"OnDone, after a failure", fails, nothing, hookPanics},
			{"Close, after a failure", fails, hookPanics, nothing},
			{"both, after a failure", fails, hookPanics, hookPanics},
			{"OnDone, after a panic", panics, nothing, hookPanics},
			{"Close, after a panic", panics, hookPanics, nothing},
			{"both, after a panic", panics, hookPanics, hookPanics},
		} {
			t.Run(stack.name+"/"+tt.reason, func(t *testing.T) {
				v := hookView{content: content, end: tt.end, close: tt.close}
				v.OnDone = func(*http.Request, response.Outcome) { tt.done() }
				overEachProtocol(t, stack.wrap(views.AsView(v)), func(t *testing.T, w *wire) {
					w.get(t, "/").mustBreak(t, content)
				})
			})
		}
	}
}
