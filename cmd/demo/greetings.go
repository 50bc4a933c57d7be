package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/url"
	"time"

	"github.com/go-downloadview/downloadview/views"
)

// NewGreetingView serves the files of a storage. Mounted at "/greetings/*", it
// takes their names from the router.
func NewGreetingView(storage fs.FS) views.StorageDownloadView {
	return views.StorageDownloadView{Storage: storage}
}

var greetings = []struct{ name, text string }{
	{"English.txt", "Hello, world!\n"},
	{"Français.txt", "Bonjour le monde !\n"},
	{"Íslenska.txt", "Halló, heimur!\n"},
	{"Ελληνικά.txt", "Γεια σου, κόσμε!\n"},
	{"Українська.txt", "Привіт, світе!\n"},
	{"ქართული.txt", "გამარჯობა, სამყარო!\n"},
}

// newGreetings returns a zip in memory. A *zip.Reader is an fs.FS.
func newGreetings() (*zip.Reader, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, g := range greetings {
		file, err := w.CreateHeader(&zip.FileHeader{Name: g.name, Method: zip.Deflate, Modified: time.Now()})
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(file, g.text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
}

// listGreetings returns the paths of all files of the zip.
func listGreetings(context.Context) (paths []string, err error) {
	for _, g := range greetings {
		u := url.URL{Path: "/greetings/" + g.name}
		paths = append(paths, u.EscapedPath())
	}
	return paths, nil
}
