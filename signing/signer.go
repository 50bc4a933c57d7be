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

// minKeySize is the least number of bytes in a key: those of the hash, as RFC
// 2104 §3 asks for.
const minKeySize = sha256.Size

// maxLength is the greatest length of path and query, in bytes. Longer ones are
// refused before any work is done on them, and would not get through most
// proxies, either (nginx: large_client_header_buffers).
const maxLength = 8 << 10

// label is of this use of a key, and of no other. Another label would be the end
// of all links that are out there.
const label = "github.com/go-downloadview/downloadview/signing v1"

// Signer makes links and verifies them. Make it with [NewSigner]. It is safe for
// concurrent use once its fields are set.
type Signer struct {
	// Prefix is what a proxy in front removes from the beginning of the path,
	// as it stands in the URL: "/app", if nginx has
	//
	//	location /app/ { proxy_pass http://127.0.0.1:8000/; }
	//
	// Sign takes the URL that the client sees. Path prefixes that the program
	// itself removes (http.StripPrefix, chi's Mount) are none of these.
	Prefix string

	// Now is the clock; nil: time.Now.
	Now func() time.Time

	keys []key
}

// NewSigner returns a Signer. The first key signs, and all of them verify: to
// change the key, put the new one before the old one, and remove the old one when
// its last link has expired. Keys are random bytes, 32 at least. They are not
// kept, only what is derived from them.
func NewSigner(keys ...[]byte) (*Signer, error) {
	if len(keys) == 0 {
		return nil, errors.New("signing: NewSigner: no key")
	}
	s := new(Signer)
	for i, key := range keys {
		if len(key) < minKeySize {
			return nil, fmt.Errorf("signing: NewSigner: key %d has %d bytes, and must have %d at least", i+1, len(key), minKeySize)
		}
		derived, err := hkdf.Key(sha256.New, key, nil, label, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("signing: NewSigner: key %d: %w", i+1, err)
		}
		s.keys = append(s.keys, newKey(derived))
	}
	return s, nil
}

// Sign returns u with the time of expiry, in whole seconds, and the signature
// added to its query, which it sorts. From the second of expires on, the link is
// refused. u itself is not changed.
//
// It refuses what cannot become a link: a path that is relative, begins with
// "//", has "." or ".." in it or is not below Prefix; a query that is malformed
// or has one of the two parameters already; a URL longer than 8 KiB; a time
// before 1970, such as the zero time. And a fragment, which no server ever sees:
// set it on the link.
func (s *Signer) Sign(u *url.URL, expires time.Time) (*url.URL, error) {
	if len(s.keys) == 0 {
		return nil, errors.New("signing: Sign: the Signer has no key (use NewSigner)")
	}
	path, err := s.signablePath(u)
	if err != nil {
		return nil, fmt.Errorf("signing: Sign: %w", err)
	}
	values, err := url.ParseQuery(u.RawQuery) // u.Query() drops what is malformed
	if err != nil {
		return nil, fmt.Errorf("signing: Sign: the query is malformed: %w", err)
	}
	for _, name := range []string{expiresParam, signatureParam} {
		if values.Has(name) {
			return nil, fmt.Errorf("signing: Sign: the URL has a parameter %q already", name)
		}
	}
	if expires.Unix() < 0 {
		return nil, fmt.Errorf("signing: Sign: the time of expiry is %v, before 1970", expires)
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
	if prefix := s.prefix(); prefix != "" {
		below, err := canonicalPath(prefix + "/")
		if err != nil {
			return "", fmt.Errorf("the Prefix: %w", err)
		}
		if !strings.HasPrefix(path, below) {
			return "", fmt.Errorf("the path %q is not below the Prefix %q", u.Path, s.Prefix)
		}
	}
	return path, nil
}

func (s *Signer) prefix() string { return strings.TrimSuffix(s.Prefix, "/") }

func (s *Signer) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// Verify returns nil if r is a GET or HEAD request for a URL that was signed and
// has not expired. Other errors than [ErrExpired] come to 403 Forbidden.
//
// The path is that of r.RequestURI, which http.StripPrefix and routers leave as
// it came, and of r.URL only where there is no RequestURI.
func (s *Signer) Verify(r *http.Request) error {
	_, err := s.Parameters(r)
	return err
}

// Parameters verifies r as [Signer.Verify] does, and returns the parameters that
// the signature covers, without the two of the link: what they say is the word of
// whoever signed. On a route that is also open without a link, those of r.URL are
// not.
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
	path, rawQuery, ok := target(r)
	if !ok || len(path)+len(rawQuery) > maxLength {
		return nil, 0, errMalformed
	}
	path, err := canonicalPath(s.prefix() + path)
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
	// Only after that: who learns that a link has expired had a true one.
	expires, err = strconv.ParseInt(times[0], 10, 64)
	if err != nil {
		return nil, 0, errMalformed
	}
	if s.now().Unix() >= expires {
		return nil, 0, expired
	}
	return values, expires, nil
}

// signed reports whether signature is that of path and query under one of the
// keys.
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
