package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"image/png"
	"io/fs"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
	_ "github.com/ncruces/go-sqlite3/driver"
)

// Document is a row of the library.
type Document struct {
	Name     string
	Type     string
	Modified time.Time
	Key      sql.Null[string] // of the bytes, which are in a storage;
	Content  []byte           // or else the bytes
}

// NewDocumentView serves the documents of library. Mounted at "/documents/{id}",
// it takes their ids from the router.
func NewDocumentView(library *sql.DB, storage fs.FS) views.ObjectDownloadView[Document] {
	return views.ObjectDownloadView[Document]{
		GetObject: func(r *http.Request) (d Document, err error) {
			row := library.QueryRowContext(r.Context(),
				"SELECT name, type, modified, key, content FROM documents WHERE id = ?", chi.URLParam(r, "id"))
			err = row.Scan(&d.Name, &d.Type, &d.Modified, &d.Key, &d.Content)
			return d, err
		},
		File: func(r *http.Request, d Document) (fs.File, error) {
			if d.Key.Valid {
				return files.OpenStorageFile(r.Context(), storage, d.Key.V)
			}
			return files.NewContentFile(d.Content, d.Name), nil
		},
		Basename:    func(d Document) string { return d.Name },
		ContentType: func(d Document) string { return d.Type },
		ModTime:     func(d Document) time.Time { return d.Modified },
	}
}

const schema = `CREATE TABLE documents (
	id       TEXT PRIMARY KEY,
	name     TEXT NOT NULL,
	type     TEXT NOT NULL,
	modified DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
	key      TEXT,
	content  BLOB,
	CHECK ((key IS NULL) <> (content IS NULL))
)`

// newLibrary returns a database in memory, with some documents in it. The bytes
// of two are elsewhere: in the files that are embedded in the demo.
func newLibrary() (*sql.DB, error) {
	library, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return nil, err
	}
	library.SetMaxOpenConns(1) // another one would get a database of its own
	if err := errors.Join(fillLibrary(library), fillOrders(library)); err != nil {
		return nil, errors.Join(err, library.Close())
	}
	return library, nil
}

func fillLibrary(library *sql.DB) error {
	var endpaper bytes.Buffer
	if err := png.Encode(&endpaper, marble{240, 360}); err != nil {
		return err
	}
	if _, err := library.Exec(schema); err != nil {
		return err
	}
	_, err := library.Exec(`INSERT INTO documents (id, name, type, key, content) VALUES
		('catalogue', 'Catalogue.go', 'text/plain; charset=utf-8', 'library.go', NULL),
		('endpaper', 'Marbled endpaper.png', 'image/png', NULL, ?),
		('style', 'House style.css', 'text/css; charset=utf-8', 'page.css', NULL)`, endpaper.Bytes())
	return err
}

// listLibrary returns the paths of all documents.
func listLibrary(ctx context.Context, library *sql.DB) (paths []string, err error) {
	rows, err := library.QueryContext(ctx, "SELECT '/documents/' || id FROM documents ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var path string
		if err := rows.Scan(&path); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, rows.Err()
}
