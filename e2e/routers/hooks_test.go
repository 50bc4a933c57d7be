package routers_test

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
	tests := []struct {
		path, reason string
		end          func() error
		close, done  func()
	}{
		{"/1", "OnDone, after a failure", fails, nothing, hookPanics},
		{"/2", "Close, after a failure", fails, hookPanics, nothing},
		{"/3", "both, after a failure", fails, hookPanics, hookPanics},
		{"/4", "OnDone, after a panic", panics, nothing, hookPanics},
		{"/5", "Close, after a panic", panics, hookPanics, nothing},
		{"/6", "both, after a panic", panics, hookPanics, hookPanics},
	}
	overEachStack(t, func(t *testing.T, s stack) {
		content := rows(s.size)
		routes := http.NewServeMux()
		for _, tt := range tests {
			v := hookView{content: content, end: tt.end, close: tt.close}
			v.Options.OnDone = func(*http.Request, response.Outcome) { tt.done() }
			routes.HandleFunc(tt.path, views.AsView(v))
		}
		overEachProtocol(t, s.wrap(routes.ServeHTTP), func(t *testing.T, w *wire) {
			for _, tt := range tests {
				t.Run(tt.reason, func(t *testing.T) {
					w.get(t, tt.path, "Accept-Encoding", "gzip").mustBreak(t, content)
				})
			}
		})
	})
}
