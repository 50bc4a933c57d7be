package views_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// Document is a row of a table. Its bytes are in a storage, under a key.
type Document struct {
	Title       string
	Key         string
	ContentType string
	Changed     time.Time
	Public      bool
}

// findDocument returns the document that r asks for. A real one would be
//
//	err = db.QueryRowContext(r.Context(), "SELECT … WHERE id = ?", id).Scan(…)
func findDocument(r *http.Request) (Document, error) {
	id, err := views.PathParam(r, "id")
	if err != nil {
		return Document{}, err
	}
	document, ok := documents[id]
	if !ok {
		return Document{}, sql.ErrNoRows // as Scan does
	}
	return document, nil
}

// newDocumentView returns a view of the documents whose bytes are in storage.
func newDocumentView(storage fs.FS) views.ObjectDownloadView[Document] {
	return views.ObjectDownloadView[Document]{
		GetObject:   findDocument,
		File:        func(_ *http.Request, d Document) (fs.File, error) { return storage.Open(d.Key) },
		Basename:    func(d Document) string { return d.Title },
		ContentType: func(d Document) string { return d.ContentType },
		ModTime:     func(d Document) time.Time { return d.Changed },
	}
}

// PublicDocumentView serves the public documents, and no others.
type PublicDocumentView struct {
	views.ObjectDownloadView[Document]
}

// NewPublicDocumentView returns a view of the public documents in storage.
func NewPublicDocumentView(storage fs.FS) PublicDocumentView {
	v := PublicDocumentView{newDocumentView(storage)}
	v.GetObject = func(r *http.Request) (Document, error) {
		document, err := findDocument(r)
		if err == nil && !document.Public {
			err = fs.ErrPermission
		}
		return document, err
	}
	return v
}

// GetOptions shows the document in the page if r asks for that.
func (v PublicDocumentView) GetOptions(r *http.Request, file fs.File) response.Options {
	opts := v.ObjectDownloadView.GetOptions(r, file)
	opts.Inline = r.FormValue("show") == "1"
	return opts
}

// Avatar is a row that has its bytes in a column.
type Avatar struct {
	PNG     []byte
	Version int
}

// newAvatarView returns a view of avatars that find returns.
func newAvatarView(find func(*http.Request) (Avatar, error)) views.ObjectDownloadView[Avatar] {
	return views.ObjectDownloadView[Avatar]{
		GetObject: find,
		File: func(_ *http.Request, a Avatar) (fs.File, error) {
			if a.PNG == nil {
				return nil, nil // NULL: no avatar, so 404
			}
			return files.NewContentFile(a.PNG, "avatar.png"), nil
		},
		ETag: func(a Avatar) string { return fmt.Sprintf(`"%d"`, a.Version) },
	}
}

var documents = map[string]Document{
	"1": {Title: "Über uns.txt", Key: "4f/9a61", ContentType: "text/plain", Changed: edited, Public: true},
	"2": {Title: "Secret.txt", Key: "e0/22b7", ContentType: "text/plain", Changed: edited},
}

// What the rows know of the files goes before what the storage knows.
func ExampleObjectDownloadView() {
	storage := fstest.MapFS{"4f/9a61": {Data: []byte("Hello world!")}, "e0/22b7": {Data: []byte("Psst!")}}
	r := chi.NewRouter()
	views.Mount(r, "/documents/{id}", NewPublicDocumentView(storage))
	views.Mount(r, "/avatar", newAvatarView(func(*http.Request) (Avatar, error) {
		return Avatar{PNG: []byte("\x89PNG…"), Version: 3}, nil
	}))

	for _, target := range []string{"/documents/1", "/documents/1?show=1", "/documents/2", "/documents/3", "/avatar"} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		fmt.Printf("%s %d [%s]\n", target, w.Code, w.Header().Get("Content-Disposition"))
	}
	// Output:
	// /documents/1 200 [attachment; filename="Uber uns.txt"; filename*=UTF-8''%C3%9Cber%20uns.txt]
	// /documents/1?show=1 200 [inline; filename="Uber uns.txt"; filename*=UTF-8''%C3%9Cber%20uns.txt]
	// /documents/2 403 []
	// /documents/3 404 []
	// /avatar 200 [attachment; filename="avatar.png"]
}
