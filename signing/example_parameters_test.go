package signing_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/go-downloadview/downloadview/views"
)

// StatementView serves the statement of the user that a link names.
type StatementView struct {
	views.VirtualDownloadView
	Signer *signing.Signer
	// Version is that of a user's links. When it changes, the older ones are
	// revoked.
	Version func(user string) string
}

// Link returns a link to a user's statement that opens in the browser.
func (v StatementView) Link(user string) (*url.URL, error) {
	query := url.Values{"user": {user}, "version": {v.Version(user)}, "disposition": {"inline"}}
	u := &url.URL{Path: "/statement", RawQuery: query.Encode()}
	return v.Signer.Sign(u, time.Now().Add(time.Hour))
}

func (v StatementView) GetFile(r *http.Request) (fs.File, error) {
	link, err := v.Signer.Parameters(r)
	if err != nil {
		return nil, err // comes to 403 or 410
	}
	user := link.Get("user")
	if link.Get("version") != v.Version(user) {
		return nil, signing.ErrExpired
	}
	return files.NewContentFile("Statement of "+user, "statement.txt"), nil
}

func (v StatementView) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.VirtualDownloadView.GetOptions(r, file)
	link, err := v.Signer.Parameters(r)
	opts.Inline = err == nil && link.Get("disposition") == "inline"
	return opts
}

// What a link says besides the path is the word of whoever signed it.
func ExampleSigner_Parameters() {
	signer, err := signing.NewSigner(signing.Options{Keys: [][]byte{[]byte("32 random bytes, or more of them")}})
	if err != nil {
		fmt.Println(err)
		return
	}
	version := "1"
	view := StatementView{Signer: signer, Version: func(string) string { return version }}
	link, err := view.Link("ada")
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func(target string) {
		w := httptest.NewRecorder()
		views.AsView(view)(w, httptest.NewRequest("GET", target, nil))
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("Content-Disposition"))
	}
	ask(link.String())
	query := link.Query()
	query.Set("user", "grace")
	ask("/statement?" + query.Encode())
	version = "2"
	ask(link.String())
	// Output:
	// 200 "inline; filename=\"statement.txt\""
	// 403 ""
	// 410 ""
}
