package files

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// origin is the server that has a file, and how to ask it on behalf of one
// request: the context is that request's.
type origin struct {
	ctx         context.Context
	client      *http.Client
	url         *url.URL
	idleTimeout time.Duration
}

func newOrigin(ctx context.Context, rawURL string, opts HTTPOptions) (origin, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return origin{}, fmt.Errorf("files: OpenHTTP: the URL: %w", withoutURL(err))
	}
	if !isHTTP(u) || u.Hostname() == "" {
		return origin{}, fmt.Errorf("files: OpenHTTP: %s: not the URL of a file on an http or https server", redact(u))
	}
	client := defaultClient
	if opts.Client != nil {
		client = opts.Client
	}
	own := *client // somebody else's, so it stays as it is
	own.CheckRedirect = redirectPolicy(opts, client.CheckRedirect)
	return origin{ctx, &own, u, opts.IdleTimeout}, nil
}

// isHTTP reports whether u is of a scheme that may be asked. A client may have
// been taught others: file, for one.
func isHTTP(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// ask sends a request with the fields of header. The caller closes the body of
// the answer, which is a 200, a 206, or what conditions and ranges may come to.
func (o origin) ask(method string, header http.Header) (*answer, error) {
	req, err := http.NewRequest(method, o.url.String(), nil)
	if err != nil {
		return nil, o.failure(err)
	}
	maps.Copy(req.Header, header)
	// Without this the transport would ask for gzip and decode it, and neither
	// length, ranges nor entity tag would be those of what is read.
	req.Header.Set("Accept-Encoding", "identity")
	idle := newIdleTimer(o.ctx, o.idleTimeout)
	resp, err := o.client.Do(req.WithContext(idle.ctx))
	if err = idle.stop(err); err != nil {
		idle.end()
		return nil, o.failure(err)
	}
	content := &body{ReadCloser: resp.Body, idle: idle, end: -1}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent, http.StatusNotModified,
		http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable:
		return newAnswer(resp, header, content), nil
	}
	content.Close()
	return nil, o.refusal(resp.StatusCode)
}

// askAgain asks what the file is, after an answer with status to a request with
// the fields of header that did not tell. It asks by HEAD: what is missing is
// knowledge, not content.
func (o origin) askAgain(status int, header http.Header) (*answer, error) {
	a, err := o.ask(http.MethodHead, nil)
	switch {
	case err == nil && a.status == http.StatusOK:
		return a, nil
	case err == nil:
		a.body.Close()
		err = o.refusal(a.status)
	}
	// Not everybody answers HEAD. What the client asked for holds all the same.
	if status == http.StatusPreconditionFailed && header["If-Unmodified-Since"] != nil ||
		status == http.StatusRequestedRangeNotSatisfiable && header["Range"] != nil {
		err = &HTTPError{URL: redact(o.url), StatusCode: status, verdict: true}
	}
	return nil, err
}

// refusal is the error for a status code that has no content.
func (o origin) refusal(status int) error {
	return &HTTPError{URL: redact(o.url), StatusCode: status}
}

// failure is the error for a request that was not answered, or not to its end.
func (o origin) failure(err error) error {
	return &HTTPError{URL: redact(o.url), Err: withoutURL(err)}
}

// redact returns u without credentials and query, which may be a signature.
func redact(u *url.URL) string {
	c := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return c.String()
}

// withoutUser returns u without credentials.
func withoutUser(u *url.URL) string {
	c := *u
	c.User = nil
	return c.String()
}

// withoutURL returns what is wrong in err without the URL: that of an
// [*url.Error] has its query in it.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
