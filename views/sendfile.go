package views

import (
	"net/http"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// SendFile answers r with the file at path, presented as opts say, from inside
// any handler. If that is not a regular file that can be read, the answer is an
// error, as [response.Error] gives it.
//
// The file may be anywhere, so the path must not come from the client. For paths
// that do, use [PathDownloadView].
//
// In django-downloadview: sendfile.
func SendFile(w http.ResponseWriter, r *http.Request, path string, opts response.Options) {
	opened, err := file(files.OpenPath(path))
	resp := response.DownloadResponse{File: opened, Err: err, Options: opts}
	resp.ServeHTTP(w, r)
}
