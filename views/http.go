package views

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/go-downloadview/downloadview/files"
)

// HTTPDownloadView serves a file at a URL: it asks the server there, the
// origin, and sends on what comes. Ranges and conditions of the client reach
// the origin; length, type and validators of the file, and nothing else, reach
// the client. See [files.HTTPFile].
//
// The URL decides where this server connects to. If clients have a say in it,
// they can reach into the network that this server is in, unless Client is one
// that does not: see [files.NewPublicClient].
//
// In django-downloadview: HTTPDownloadView.
type HTTPDownloadView struct {
	BaseDownloadView

	// URL returns where the file is, http or https. It is a field, not a
	// method to override, because GetFile calls it.
	URL func(r *http.Request) (string, error)

	// Client asks the origin; nil: see [files.HTTPOptions].
	Client *http.Client

	// AllowRedirect reports whether a redirect of the origin may lead to
	// another host; nil: never. See [files.HTTPOptions].
	AllowRedirect func(to *url.URL) bool
}

var (
	_ DownloadView = HTTPDownloadView{}
	_ checker      = HTTPDownloadView{}
)

// Check reports settings that are impossible.
func (v HTTPDownloadView) Check() error {
	if v.URL == nil {
		return errors.New("URL is nil")
	}
	return nil
}

// GetFile asks the origin, and returns a [*files.HTTPFile]. If the origin has no
// such file, the answer is 404; if it takes too long, 504; if it fails in any
// other way, 502.
func (v HTTPDownloadView) GetFile(r *http.Request) (fs.File, error) {
	rawURL, err := v.URL(r)
	if err != nil {
		return nil, err
	}
	file, err := files.OpenHTTP(r, rawURL, files.HTTPOptions{Client: v.Client, AllowRedirect: v.AllowRedirect})
	if err != nil {
		return nil, err // not a nil *HTTPFile in an fs.File
	}
	return file, nil
}
