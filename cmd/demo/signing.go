package main

import (
	"context"
	"crypto/rand"
	"io/fs"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/go-downloadview/downloadview/views"
)

// NewSignedView sends clients to a new link each time.
func NewSignedView(links *signing.FS) views.StorageDownloadView {
	v := views.StorageDownloadView{Storage: links, FixedPath: "signing.go"}
	v.Options.Redirect = true
	return v
}

// mountPrivate mounts a view of files that only links lead to.
func mountPrivate(r chi.Router, signer *signing.Signer, private views.DownloadView) {
	views.Mount(r.With(signer.Wrap), "/private/*", private)
}

var now = time.Now // a test moves it

// newLinks returns storage with links that work for a minute. The key is a new
// one, so when the demo ends, all links do.
func newLinks(storage fs.FS) (*signing.FS, *signing.Signer, error) {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	signer, err := signing.NewSigner(signing.Options{Keys: [][]byte{key}, Now: func() time.Time { return now() }})
	if err != nil {
		return nil, nil, err
	}
	links, err := signing.NewFS(storage, signer, "/private/", time.Minute)
	return links, signer, err
}

// newLink returns the path of a link that is made for this page.
func newLink(ctx context.Context, links *signing.FS) ([]string, error) {
	path, err := links.URL(ctx, "signing.go")
	return []string{path}, err
}

// noteExpiry says how long it works, for browsers that do not count down.
func noteExpiry(context.Context) (string, error) {
	return "The link on this page works until " + time.Now().Add(time.Minute).UTC().Format(time.TimeOnly) + " UTC.", nil
}
