package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/signing"
	"github.com/go-downloadview/downloadview/views"
)

//demo:disk

// newDiskView serves the files in root. Mounted at "/disk/*", it takes their names
// from the router.
func newDiskView(root *os.Root) views.PathDownloadView {
	return views.PathDownloadView{Root: root}
}

//demo:end

//demo:embedded

// newEmbeddedView serves the files of a storage: any fs.FS, as here the program.
func newEmbeddedView(storage fs.FS) views.StorageDownloadView {
	return views.StorageDownloadView{Storage: storage}
}

//demo:end

//demo:object

// Document stands for a row of your database.
type Document struct {
	Title, Key string // Key is the name in a storage that has the bytes
	Modified   time.Time
}

var library = map[string]Document{"7": {"Каталог № 7.go", "stored.go", time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)}}

// newDocumentView is mounted at "/documents/{id}".
func newDocumentView(library map[string]Document, storage fs.FS) views.ObjectDownloadView[Document] {
	return views.ObjectDownloadView[Document]{
		GetObject: func(r *http.Request) (Document, error) {
			d, ok := library[chi.URLParam(r, "id")]
			if !ok {
				return d, fs.ErrNotExist // or sql.ErrNoRows: 404
			}
			return d, nil
		},
		File: func(r *http.Request, d Document) (fs.File, error) {
			return files.OpenStorageFile(r.Context(), storage, d.Key)
		},
		Basename: func(d Document) string { return d.Title },
		ModTime:  func(d Document) time.Time { return d.Modified },
	}
}

//demo:end

//demo:url

// newOriginView serves the file at path of this same server.
func newOriginView(path string) views.HTTPDownloadView {
	v := views.HTTPDownloadView{URL: func(r *http.Request) (string, error) {
		self, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr) // not r.Host, which the client chooses
		if !ok {
			return "", errors.New("the server does not say where it listens")
		}
		return "http://" + self.String() + path, nil
	}}
	v.Options.Basename = "fibonacci-by-proxy.txt"
	return v
}

//demo:end

//demo:signed

// newSignedView sends each client to a link that works for a minute. The signer is
// for the view behind the links.
func newSignedView(storage fs.FS) (v views.StorageDownloadView, signer *signing.Signer, err error) {
	key := make([]byte, 32)
	rand.Read(key) // never fails; when the demo ends, all links do
	if signer, err = signing.NewSigner(signing.Options{Keys: [][]byte{key}}); err != nil {
		return v, nil, err
	}
	links, err := signing.NewFS(storage, signer, "/private/", time.Minute)
	v.Storage, v.FixedPath, v.Options.Redirect = links, "stored.go", true
	return v, signer, err
}

//demo:end
