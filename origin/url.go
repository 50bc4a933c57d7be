package origin

import (
	"errors"
	"net/url"
)

// isHTTP reports whether u is of a scheme that may be asked. A client may have
// been taught others: file, for one.
func isHTTP(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

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

// withoutURL returns the error inside an [*url.Error], whose text has the URL with
// its query.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
