package views

import (
	"io/fs"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// VirtualDownloadView serves files that do not live on disk: text or bytes in
// memory, a reader, content that is generated while it is sent. Embed it, and
// have GetFile return a wrapper of package files.
//
// In django-downloadview: VirtualDownloadView.
type VirtualDownloadView struct{ BaseDownloadView }

// WasModifiedSince is the file's own answer if it gives one (the wrappers do if
// their ModTime is set). Else a stored file goes by its modification time, and
// content that was made for this very request is modified.
func (v VirtualDownloadView) WasModifiedSince(_ *http.Request, file fs.File, since time.Time) bool {
	modified, err := files.WasModifiedSince(file, since)
	if err == nil {
		return modified
	}
	return !isStored(file) || response.WasModifiedSince(file, since)
}

// isStored reports whether file is one of a storage or of the operating system,
// in whatever it is wrapped. Descriptions of those have a source; made ones do not.
func isStored(file fs.File) bool {
	for ; file != nil; file = files.Unwrap(file) {
		if _, ok := file.(*files.StorageFile); ok {
			return true
		}
		if info, err := file.Stat(); err == nil && info.Sys() != nil {
			return true
		}
	}
	return false
}
