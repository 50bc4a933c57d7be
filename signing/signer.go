package signing

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The parameters of a link.
const (
	expiresParam   = "expires"
	signatureParam = "signature"
)

// minKeySize is the least number of bytes in a key: as many as the hash has (RFC
// 2104 §3).
const minKeySize = sha256.Size

// maxLength is the greatest length of path and query, in bytes. Longer ones are
// refused before any work is done on them, and would not get through most
// proxies, either (nginx: large_client_header_buffers).
const maxLength = 8 << 10

// label keeps this use of a key apart from others. With another label, all links
// that exist would be refused.
const label = "github.com/go-downloadview/downloadview/signing v1"

// Options are the settings of a [Signer].
type Options struct {
	// Keys are random bytes, 32 at least each. The first key signs, and all of
	// them verify: to change the key, put the new one before the old one, and
	// remove the old one when its last link has expired. The slices are not kept.
	Keys [][]byte

	// Prefix is the path, as it stands in the URL, that a proxy in front removes
	// from the beginning of the client's: "/app", if nginx has
	//
	//	location /app/ { proxy_pass http://127.0.0.1:8000/; }
	//
	// Sign takes the URL that the client sees. Prefixes that the program itself
	// removes (http.StripPrefix, chi's Mount) do not belong here.
	Prefix string

	// HandleError answers a request that Wrap refuses by 403 or 410, for example
	// with a page for customers whose link has expired. It must write the status,
	// which is the one that response.Status(err) returns. Fields that describe a
	// file are not in w's header any more, and Cache-Control is no-store. It is
	// called by many goroutines at once. Nil: the text of the status code.
	HandleError func(w http.ResponseWriter, r *http.Request, err error)

	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Signer makes links and verifies them. Make it with [NewSigner]. It is safe for
// concurrent use.
type Signer struct {
	keys        []key
	prefix      string // in canonical form, without a slash at its end
	handleError func(w http.ResponseWriter, r *http.Request, err error)
	clock       func() time.Time
}

// NewSigner returns a Signer, or an error that says which option is unusable.
func NewSigner(opts Options) (*Signer, error) {
	if len(opts.Keys) == 0 {
		return nil, errors.New("signing: NewSigner: no key")
	}
	s := &Signer{handleError: opts.HandleError, clock: opts.Now}
	for i, key := range opts.Keys {
		if len(key) < minKeySize {
			return nil, fmt.Errorf("signing: NewSigner: key %d has %d bytes, and must have %d at least", i+1, len(key), minKeySize)
		}
		derived, err := hkdf.Key(sha256.New, key, nil, label, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("signing: NewSigner: key %d: %w", i+1, err)
		}
		s.keys = append(s.keys, newKey(derived))
	}
	if prefix := strings.TrimSuffix(opts.Prefix, "/"); prefix != "" {
		var err error
		if s.prefix, err = canonicalPath(prefix); err != nil {
			return nil, fmt.Errorf("signing: NewSigner: the Prefix %q: %w", opts.Prefix, err)
		}
	}
	return s, nil
}

// Sign returns u with the time of expiry, in whole seconds, and the signature
// added to its query, which it sorts. From the second of expires on, the link is
// refused. u needs no scheme and host, and is not changed.
//
// It refuses what cannot become a link: a path that is relative, begins with
// "//", has "." or ".." in it or is not below Prefix; a query that is malformed
// or has one of the two parameters already; a URL longer than 8 KiB; a time of
// expiry that has passed. And a fragment, which no server ever sees: set it on the
// link.
func (s *Signer) Sign(u *url.URL, expires time.Time) (*url.URL, error) {
	if len(s.keys) == 0 {
		return nil, errors.New("signing: Sign: the Signer has no key (use NewSigner)")
	}
	path, err := s.signablePath(u)
	if err != nil {
		return nil, fmt.Errorf("signing: Sign: %w", err)
	}
	values, err := url.ParseQuery(u.RawQuery) // u.Query() drops malformed pairs
	if err != nil {
		return nil, fmt.Errorf("signing: Sign: the query is malformed: %w", err)
	}
	for _, name := range []string{expiresParam, signatureParam} {
		if values.Has(name) {
			return nil, fmt.Errorf("signing: Sign: the URL has a parameter %q already", name)
		}
	}
	if s.hasExpired(expires.Unix()) {
		return nil, fmt.Errorf("signing: Sign: the time of expiry, %v, has passed", expires)
	}
	values.Set(expiresParam, strconv.FormatInt(expires.Unix(), 10))
	query := values.Encode()
	signed := *u
	signed.RawQuery = query + "&" + signatureParam + "=" + s.keys[0](path, query)
	if n := len(signed.RequestURI()); n > maxLength {
		return nil, fmt.Errorf("signing: Sign: the path and query have %d bytes, and may have %d", n, maxLength)
	}
	return &signed, nil
}

// signablePath returns the canonical path of u if that can become a link.
func (s *Signer) signablePath(u *url.URL) (string, error) {
	switch {
	case u.Opaque != "":
		return "", errors.New("the URL has no path")
	case u.Fragment != "":
		return "", errors.New("the URL has a fragment, which cannot be covered")
	}
	path, err := canonicalPath(u.EscapedPath())
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(path, s.prefix+"/") {
		return "", fmt.Errorf("the path %q is not below the Prefix %q", u.Path, s.prefix)
	}
	return path, nil
}

func (s *Signer) now() time.Time {
	if s.clock != nil {
		return s.clock()
	}
	return time.Now()
}

func (s *Signer) hasExpired(expires int64) bool { return s.now().Unix() >= expires }

// Verify returns nil if r is a GET or HEAD request for a URL that was signed and
// has not expired. The status code of its errors, response.Status, is 410 for
// [ErrExpired] and 403 for all others.
//
// A request with content that has a Content-Type is refused. The signature does
// not cover it, and http.Request.FormValue would take parameters from it.
//
// The path is taken from r.RequestURI, which http.StripPrefix and routers leave as
// it came, and from r.URL only where there is no RequestURI.
func (s *Signer) Verify(r *http.Request) error {
	_, err := s.Parameters(r)
	return err
}

// Parameters verifies r as [Signer.Verify] does, and returns the parameters that
// the signature covers, without "expires" and "signature". They are as the program
// signed them. On a route that is also open without a link, anybody can write the
// parameters of r.URL.
func (s *Signer) Parameters(r *http.Request) (url.Values, error) {
	values, _, refused := s.verify(r)
	if refused != nil {
		return nil, refused // not the nil pointer, which would be an error
	}
	return values, nil
}

// verify returns the parameters of r and when they expire, in seconds since 1970.
func (s *Signer) verify(r *http.Request) (values url.Values, expires int64, refused *refusal) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil, 0, errMethod
	}
	if r.ContentLength != 0 && r.Header.Get("Content-Type") != "" {
		return nil, 0, errContent
	}
	path, rawQuery, ok := target(r)
	if !ok || len(path)+len(rawQuery) > maxLength {
		return nil, 0, errMalformed
	}
	path, err := canonicalPath(s.prefix + path)
	if err != nil {
		return nil, 0, errMalformed
	}
	values, err = url.ParseQuery(rawQuery) // as in Sign
	if err != nil {
		return nil, 0, errMalformed
	}
	signatures, times := values[signatureParam], values[expiresParam]
	switch {
	case len(signatures) == 0:
		return nil, 0, errUnsigned
	case len(signatures) > 1 || len(times) != 1:
		return nil, 0, errMalformed
	}
	delete(values, signatureParam)
	if !s.signed(path, values.Encode(), signatures[0]) {
		return nil, 0, errMismatch
	}
	delete(values, expiresParam)
	// Only after that: a client that learns that a link has expired had a true one.
	expires, err = strconv.ParseInt(times[0], 10, 64)
	if err != nil {
		return nil, 0, errMalformed
	}
	if s.hasExpired(expires) {
		return nil, 0, expired
	}
	return values, expires, nil
}

// signed reports whether one of the keys gives path and query this signature.
func (s *Signer) signed(path, query, signature string) bool {
	for _, sign := range s.keys {
		// Encoded, since decoding would take several spellings for one.
		if hmac.Equal([]byte(sign(path, query)), []byte(signature)) {
			return true
		}
	}
	return false
}

// key returns the signature of a canonical path and a sorted query. It is a
// function because package fmt shows those as addresses, whatever the verb: a
// Signer that is printed does not give its keys away.
type key func(path, query string) string

func newKey(derived []byte) key {
	return func(path, query string) string {
		mac := hmac.New(sha256.New, derived)
		mac.Write([]byte(http.MethodGet + "\n" + path + "\n" + query))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
}
