package signing_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/go-downloadview/downloadview/views"
)

// OnceView serves a file until it has arrived once. Its links have a parameter
// "id", which is another for each link.
type OnceView struct {
	views.VirtualDownloadView
	Signer *signing.Signer
	Used   *sync.Map // of ids; a table, if there is a database
}

func (v OnceView) GetFile(r *http.Request) (fs.File, error) {
	link, err := v.Signer.Parameters(r)
	if err != nil {
		return nil, err
	}
	if _, used := v.Used.Load(link.Get("id")); used {
		return nil, signing.ErrExpired
	}
	return files.NewContentFile("Hello world!", "hello-world.txt"), nil
}

// GetOptions has the link used up by a whole file that was sent to its end: not
// by HEAD, and not by a part.
func (v OnceView) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.VirtualDownloadView.GetOptions(r, file)
	opts.OnDone = func(r *http.Request, o response.Outcome) {
		if r.Method == http.MethodGet && o.Status == http.StatusOK && o.Ending == response.Complete {
			v.Used.Store(r.URL.Query().Get("id"), true) // GetFile has verified it
		}
	}
	return opts
}

// A link that is good for one download.
func Example_once() {
	signer, err := signing.NewSigner(signing.Options{Keys: [][]byte{[]byte("32 random bytes, or more of them")}})
	if err != nil {
		fmt.Println(err)
		return
	}
	link, err := signer.Sign(&url.URL{Path: "/once", RawQuery: "id=7f3a"}, time.Now().Add(time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	view := views.AsView(OnceView{Signer: signer, Used: new(sync.Map)})
	ask := func(method, ranges string) {
		req := httptest.NewRequest(method, link.String(), nil)
		if ranges != "" {
			req.Header.Set("Range", ranges)
		}
		w := httptest.NewRecorder()
		view(w, req)
		fmt.Println(method, ranges, w.Code)
	}
	ask("HEAD", "")         // a mail scanner, or a preview
	ask("GET", "bytes=0-4") // a download manager, which needs the rest, too
	ask("GET", "")          // the download
	ask("GET", "")          // another one
	ask("GET", "bytes=0-4") // no part of it, either
	// Output:
	// HEAD  200
	// GET bytes=0-4 206
	// GET  200
	// GET  410
	// GET bytes=0-4 410
}
