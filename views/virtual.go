package views

import (
	"io/fs"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// VirtualDownloadView serves files that do not live on disk: text or bytes in
// memory, a reader, content that is generated while it is sent. Embed it, and
// have GetFile return a wrapper of package files.
//
//	hello := HelloView{}
//	hello.Options.Basename = "greeting.txt"
//
// Inline, Basename, WriteTimeout, OnDone and the other [response.Options] are in
// the field Options of the BaseDownloadView.
//
// In django-downloadview: VirtualDownloadView.
type VirtualDownloadView struct{ BaseDownloadView }

// WasModifiedSince is the file's own answer if it gives one. The wrappers of
// package files do if they have a ModTime. Any other file is modified, as in the
// original: it was made for this request.
func (v VirtualDownloadView) WasModifiedSince(_ *http.Request, file fs.File, since time.Time) bool {
	modified, err := files.WasModifiedSince(file, since)
	return modified || err != nil
}
