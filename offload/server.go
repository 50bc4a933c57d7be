package offload

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// Server is a kind of front server. Kinds differ in the header field that they
// act on, and in how a name is written in it: a wrong one does not merely fail,
// it has another file served ("%41.txt" becomes A.txt).
type Server int

// The kinds. See docs/offload.md for a configuration of each.
const (
	// NGINX acts on X-Accel-Redirect, the escaped URI of an internal location.
	NGINX Server = iota + 1
	// Caddy, 2.7 and later, is told to act on X-Accel-Redirect in the same way.
	Caddy
	// CaddyRaw is Caddy before 2.7 (Debian 12 has 2.6), which takes the URI as
	// it is, without escapes.
	CaddyRaw
	// Apache, with mod_xsendfile 1.x, acts on X-Sendfile, an escaped path.
	Apache
	// ApacheRaw is Apache with mod_xsendfile 0.12, as in Debian and Ubuntu, or
	// with a later one and "XSendFileUnescape off": the path as it is.
	ApacheRaw
	// Lighttpd acts on X-Sendfile, an escaped path.
	Lighttpd
)

// String returns the name of the kind.
func (s Server) String() string {
	if k, ok := kinds[s]; ok {
		return k.name
	}
	return fmt.Sprintf("Server(%d)", int(s))
}

// kind is what sets a kind of server apart.
type kind struct {
	name   string
	header string

	// byURI: the header has the URI of a location; else the path of a file.
	byURI bool
	// raw: the name stands in the header as it is; else with escapes.
	raw bool
	// What cannot be in a name: any of these characters, controls, bytes that are
	// not UTF-8.
	noneOf               string
	noControls, onlyUTF8 bool
	// noEmpty: a file without content cannot be handed over.
	noEmpty bool

	// needsTag: without an ETag of the application's, all files get the same.
	needsTag bool
	// keepsCoding: a Content-Encoding of the application's may reach the client.
	keepsCoding bool
	// sendsCoded: beside the header field, a Content-Encoding reaches the client with
	// every answer, and so a file that is stored in a coding can be handed over.
	sendsCoded bool
	// evaluates has the conditions that the server leaves to the application. The
	// view decides about If-Modified-Since with every server.
	evaluates []string
}

const (
	accelRedirect = "X-Accel-Redirect"
	sendfile      = "X-Sendfile"
)

var ofView = []string{"If-Modified-Since"}

var kinds = map[Server]*kind{
	NGINX: {name: "NGINX", header: accelRedirect, byURI: true, evaluates: ofView},
	Caddy: {name: "Caddy", header: accelRedirect, byURI: true, keepsCoding: true, evaluates: ofView},
	CaddyRaw: {name: "CaddyRaw", header: accelRedirect, byURI: true, raw: true, noneOf: "?", noControls: true, noEmpty: true,
		keepsCoding: true, evaluates: ofView},
	Apache:    {name: "Apache", header: sendfile, needsTag: true, evaluates: ofView},
	ApacheRaw: {name: "ApacheRaw", header: sendfile, raw: true, noControls: true, needsTag: true, evaluates: ofView},
	Lighttpd: {name: "Lighttpd", header: sendfile, noControls: true, onlyUTF8: true, keepsCoding: true, sendsCoded: true,
		evaluates: []string{"If-Match", "If-Unmodified-Since", "If-Modified-Since"}},
}

// maxPath is how long a path may be in the header. The whole head of an answer has
// to fit into a buffer of 4 KiB, if nginx is not told otherwise, and a
// Content-Disposition can take more than 1 KiB of it.
const maxPath = 2 << 10

// value returns the value of the header field for a path; the error says why this
// server cannot take it.
func (k *kind) value(path string) (string, error) {
	switch {
	case strings.ContainsAny(path, k.noneOf):
		return "", fmt.Errorf("%s takes none of %q in a name", k.name, k.noneOf)
	case k.noControls && strings.ContainsFunc(path, isControl):
		return "", fmt.Errorf("%s takes no control characters in a name", k.name)
	case k.onlyUTF8 && !utf8.ValidString(path):
		return "", fmt.Errorf("%s takes names in UTF-8 only", k.name)
	case k.raw && strings.HasSuffix(path, " "):
		return "", errors.New("a blank at the end of a header field is lost") // RFC 9110 §5.5
	}
	if !k.raw {
		path = rfc9110.EscapePath(path)
	}
	if len(path) > maxPath {
		return "", fmt.Errorf("the path takes %d bytes, more than %d", len(path), maxPath)
	}
	return path, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
