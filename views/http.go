package views

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// HTTPDownloadView serves a file at a URL: it asks the server there, the
// origin, and sends on what comes. Ranges and conditions of the client reach
// the origin; length, type and validators of the file, and nothing else, reach
// the client. See [files.HTTPFile].
//
// The URL decides where this server connects to. A client that can choose it
// reaches into the network that this server is in, unless Client refuses that:
// see [files.NewPublicClient].
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

	// InsecureRedirectToHTTP lets redirects of the origin lead from https to
	// http, for all on the way to read and to change. See [files.HTTPOptions].
	InsecureRedirectToHTTP bool

	// IdleTimeout is how long the origin may send nothing while it is waited
	// for. 0: 30 s; negative: for as long as it likes. Before the first byte
	// the answer is 504; after it the download breaks off.
	IdleTimeout time.Duration

	// GeneratedRanges gives ranges of files whose origin has none, but a strong
	// entity tag and a length. What comes before a range is fetched and dropped:
	// a request for the last byte costs the origin the whole file.
	GeneratedRanges bool
}

var (
	_ DownloadView  = HTTPDownloadView{}
	_ checker       = HTTPDownloadView{}
	_ optionsGetter = HTTPDownloadView{}
)

// Check reports settings that are impossible.
func (v HTTPDownloadView) Check() error {
	if v.URL == nil {
		return errors.New("URL is nil")
	}
	return nil
}

// GetOptions returns the view's fields, with NoGeneratedRanges unless
// GeneratedRanges is set.
func (v HTTPDownloadView) GetOptions(*http.Request, fs.File) response.Options {
	opts := v.Options
	opts.NoGeneratedRanges = opts.NoGeneratedRanges || !v.GeneratedRanges
	return opts
}

// GetFile asks the origin, and returns a [*files.HTTPFile]. If the origin has no
// such file, the answer is 404; if it takes too long, 504; if it fails in any
// other way, 502.
func (v HTTPDownloadView) GetFile(r *http.Request) (fs.File, error) {
	rawURL, err := v.URL(r)
	if err != nil {
		return nil, err
	}
	file, err := files.OpenHTTP(r, rawURL, files.HTTPOptions{
		Client:                 v.Client,
		AllowRedirect:          v.AllowRedirect,
		InsecureRedirectToHTTP: v.InsecureRedirectToHTTP,
		IdleTimeout:            v.IdleTimeout,
	})
	if err != nil {
		return nil, err // not a nil *HTTPFile in an fs.File
	}
	return file, nil
}
