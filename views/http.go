package views

import (
	"errors"
	"io/fs"
	"net/http"

	"github.com/go-downloadview/downloadview/origin"
)

// HTTPDownloadView serves a file at a URL: it asks the server there, the
// origin, and passes its file on. Ranges and conditions of the client reach
// the origin; length, type and validators of the file, and nothing else, reach
// the client. See [origin.File].
//
// The URL decides where this server connects to. A client that can choose it
// reaches into the network that this server is in, unless Origin.Client refuses
// that: see [origin.NewPublicClient].
//
//	mirror := views.HTTPDownloadView{URL: mirrorURL}
//	mirror.Options.Basename = "mirror.tar.gz"
//
// Inline, Basename, WriteTimeout, OnDone and the other [response.Options] are in
// the field Options of the BaseDownloadView.
//
// In django-downloadview: HTTPDownloadView.
type HTTPDownloadView struct {
	BaseDownloadView

	// URL returns where the file is, http or https. It is a field, not a
	// method to override, because GetFile calls it.
	URL func(r *http.Request) (string, error)

	// Origin says how the origin is asked: by which client, where it may
	// redirect to, how long it is waited for.
	Origin origin.Options
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

// GetFile asks the origin, and returns a [*origin.File]. If the origin has no
// such file, the answer is 404; if it takes too long, 504; if it fails in any
// other way, 502.
func (v HTTPDownloadView) GetFile(r *http.Request) (fs.File, error) {
	rawURL, err := v.URL(r)
	if err != nil {
		return nil, err
	}
	return file(origin.Open(r, rawURL, v.Origin))
}
