package signing

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SecureLinkMD5 returns a link that nginx verifies by itself, with its module
// secure_link, where no program stands behind it:
//
//	location /private/ {
//		secure_link $arg_signature,$arg_expires;
//		secure_link_md5 "$secure_link_expires$uri SECRET";
//		if ($secure_link = "")  { return 403; }
//		if ($secure_link = "0") { return 410; }
//		root /srv;
//	}
//
// The URL is the one that nginx sees. The secret is at least 32 letters and
// digits, which need no quoting in that file. Such links are weaker than those
// of a [Signer]:
//
//   - The hash is MD5, and no HMAC. The secret stands last, so who can find two
//     paths of the same MD5, and may name files, can use a link to one for the
//     other.
//   - MD5 is fast: a secret that is not random is guessed from a single link.
//   - The query is not covered. A URL that has one is refused, since nginx would
//     not notice another.
//   - "%2F" is "/", and slashes are merged, so a file has many URLs.
//   - There is one secret, in the configuration of nginx. Keys do not rotate.
//   - nginx does not compare in constant time, and sends no Cache-Control.
//
// Where a program is there anyway, prefer a Signer in it. The files can still be
// nginx's to send: by X-Accel-Redirect, or after an auth_request.
func SecureLinkMD5(u *url.URL, expires time.Time, secret string) (*url.URL, error) {
	if len(secret) < minKeySize || strings.ContainsFunc(secret, func(r rune) bool { return r > '~' || !unreserved(byte(r)) }) {
		return nil, fmt.Errorf("signing: SecureLinkMD5: the secret must be %d letters and digits at least", minKeySize)
	}
	isDots := func(segment string) bool { return segment == "." || segment == ".." }
	switch path := u.Path; {
	case u.Opaque != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("signing: SecureLinkMD5: only the path of a URL is covered; this one has more, or none")
	case !strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.ContainsRune(path, 0),
		slices.ContainsFunc(strings.Split(path, "/"), isDots):
		return nil, fmt.Errorf("signing: SecureLinkMD5: nginx would not take the path %q as it is", path)
	}
	if expires.Unix() < 0 {
		return nil, fmt.Errorf("signing: SecureLinkMD5: the time of expiry is %v, before 1970", expires)
	}
	seconds := strconv.FormatInt(expires.Unix(), 10)
	hash := md5.Sum([]byte(seconds + u.Path + " " + secret))
	signed := *u
	signed.RawQuery = expiresParam + "=" + seconds + "&" + signatureParam + "=" + base64.RawURLEncoding.EncodeToString(hash[:])
	return &signed, nil
}
