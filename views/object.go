package views

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// ObjectDownloadView serves the file that belongs to an object, such as a row of
// a database. T is the object's type.
//
// The fields are functions, not methods to override, because GetFile calls them.
//
//	documents := views.ObjectDownloadView[Document]{GetObject: documentByID, File: openDocument}
//	documents.Options.ContentType = "application/pdf"
//
// Inline, Basename, WriteTimeout, OnDone and the other [response.Options] are in
// the field Options of the BaseDownloadView.
//
// In django-downloadview: ObjectDownloadView.
type ObjectDownloadView[T any] struct {
	BaseDownloadView

	// GetObject finds the object that r asks for. sql.ErrNoRows and
	// [fs.ErrNotExist] become a 404.
	GetObject func(r *http.Request) (T, error)
	// File returns the object's file. An object without one is a 404: return
	// nil, or [fs.ErrNotExist].
	File func(r *http.Request, object T) (fs.File, error)

	// What the object knows better than its file. No function, or one that
	// returns nothing (a zero value; a negative size), leaves it to the file. The
	// view's own Basename, ContentType and Encoding are for all objects, and go first.
	Basename    func(T) string
	ContentType func(T) string
	Encoding    func(T) string
	Size        func(T) int64 // bytes
	ModTime     func(T) time.Time
	ETag        func(T) string // quoted, RFC 9110 §8.8.3
}

// Check reports settings that are impossible.
func (v ObjectDownloadView[T]) Check() error {
	switch {
	case v.GetObject == nil:
		return errors.New("no GetObject is set")
	case v.File == nil:
		return errors.New("no File is set")
	}
	return nil
}

// GetFile finds the object and returns its file, described by what the object
// knows of it.
func (v ObjectDownloadView[T]) GetFile(r *http.Request) (fs.File, error) {
	object, err := v.GetObject(r)
	if err != nil {
		return nil, err
	}
	file, err := v.File(r, object)
	if err != nil {
		return nil, err
	}
	if isNil(file) {
		return nil, fmt.Errorf("the object has no file: %w", fs.ErrNotExist)
	}
	f := files.NewDescribedFile(file)
	described := false
	defer func() {
		if !described { // one of the functions panicked
			f.Close()
		}
	}()
	describe(&f.Name, v.Basename, object)
	describe(&f.ContentType, v.ContentType, object)
	describe(&f.Encoding, v.Encoding, object)
	describe(&f.Size, v.Size, object)
	describe(&f.ModTime, v.ModTime, object)
	describe(&f.ETag, v.ETag, object)
	described = true
	return f, nil
}

// describe sets a field to what the object knows.
func describe[T, V any](field *V, of func(T) V, object T) {
	if of != nil {
		*field = of(object)
	}
}
