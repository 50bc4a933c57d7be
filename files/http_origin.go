package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// origin is the server that has a file, and how to ask it on behalf of one
// request: the context is that request's.
type origin struct {
	ctx    context.Context
	client *http.Client
	url    *url.URL
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
	own.CheckRedirect = redirectPolicy(opts.AllowRedirect, client.CheckRedirect)
	return origin{ctx, &own, u}, nil
}

// isHTTP reports whether u is of a scheme that may be asked. A client may have
// been taught others: file, for one.
func isHTTP(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// maxRedirects is that of a client without a policy.
const maxRedirects = 10

// redirectPolicy returns an [http.Client.CheckRedirect]. What next, the
// client's own policy, has to say comes on top.
func redirectPolicy(allow func(*url.URL) bool, next func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		// It would tell the next host what is in the query of this one.
		req.Header.Del("Referer")
		from, to := via[0].URL, req.URL
		switch {
		case !isHTTP(to):
			return fmt.Errorf("redirect to %s refused: neither http nor https", redact(to))
		case !staysWithin(from, to) && (allow == nil || !allow(to)):
			return fmt.Errorf("redirect to %s refused", redact(to))
		case len(via) >= maxRedirects:
			return fmt.Errorf("stopped after %d redirects", maxRedirects)
		case next != nil:
			return next(req, via)
		}
		return nil
	}
}

// staysWithin reports whether to is on the host and port of from, and no less
// secure.
func staysWithin(from, to *url.URL) bool {
	return strings.EqualFold(from.Host, to.Host) && (to.Scheme == from.Scheme || to.Scheme == "https")
}

// passedOn returns what of r is passed on to the origin: what can spare it, and
// the client, the content. These are all the fields; cookies and credentials
// that r has are for this server alone.
func passedOn(r *http.Request) http.Header {
	h := make(http.Header)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return h
	}
	for _, key := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		if lines, ok := r.Header[key]; ok {
			h[key] = lines
		}
	}
	// Several ranges would come as multipart/byteranges. They are asked for
	// one by one, once it is known how long the file is.
	if lines := r.Header["Range"]; r.Method == http.MethodGet && len(lines) == 1 {
		unit, set, ok := strings.Cut(lines[0], "=")
		if ok && strings.EqualFold(unit, "bytes") && !strings.Contains(set, ",") {
			h["Range"] = []string{"bytes=" + set}
			if lines, ok := r.Header["If-Range"]; ok {
				h["If-Range"] = lines
			}
		}
	}
	return h
}

// version is what tells one version of a file from another.
type version struct {
	etag    string
	modTime time.Time
	size    int64 // -1: not known
}

// is reports whether other is the same version, as far as the origin lets
// anybody tell. A 304 need not have a date beside its entity tag.
func (v version) is(other version) bool {
	switch {
	case v.size >= 0 && v.size != other.size:
		return false
	case v.isTagged():
		return v.etag == other.etag
	}
	return v.etag == other.etag && v.modTime.Equal(other.modTime)
}

// isTagged reports whether v has a strong entity tag.
func (v version) isTagged() bool { return strings.HasPrefix(v.etag, `"`) }

// answer is what the origin says of the file, and the part of it that stands in
// the body: all of it in a 200, none in a 304.
type answer struct {
	status int
	version
	contentType string
	encoding    string
	ranges      bool // the origin serves parts, as far as it tells
	body        io.ReadCloser
	start, end  int64 // of the part; end -1: not known
}

// ask sends a request with the fields of header. The caller closes the body of
// the answer, which is a 200, a 206, or what conditions and ranges may come to.
func (o origin) ask(method string, header http.Header) (*answer, error) {
	req, err := http.NewRequestWithContext(o.ctx, method, o.url.String(), nil)
	if err != nil {
		return nil, o.failure(err)
	}
	maps.Copy(req.Header, header)
	// Without this the transport would ask for gzip and decode it, and neither
	// length, ranges nor entity tag would be those of what is read.
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := o.client.Do(req)
	if err != nil {
		return nil, o.failure(err)
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent, http.StatusNotModified,
		http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable:
		return newAnswer(resp, header), nil
	}
	resp.Body.Close()
	return nil, o.refusal(resp.StatusCode)
}

func newAnswer(resp *http.Response, asked http.Header) *answer {
	a := &answer{
		status:      resp.StatusCode,
		version:     version{etag: resp.Header.Get("Etag"), size: -1},
		contentType: resp.Header.Get("Content-Type"),
		encoding:    resp.Header.Get("Content-Encoding"),
		body:        resp.Body,
		end:         -1,
	}
	a.modTime, _ = http.ParseTime(resp.Header.Get("Last-Modified")) // zero if it is none
	switch resp.StatusCode {
	case http.StatusOK:
		a.size, a.end = resp.ContentLength, resp.ContentLength
		// Who sends everything when asked for a part serves none, whatever
		// it says; unless If-Range demanded it.
		ignored := asked["Range"] != nil && asked["If-Range"] == nil
		a.ranges = a.size >= 0 && !ignored && strings.EqualFold(resp.Header.Get("Accept-Ranges"), "bytes")
	case http.StatusPartialContent:
		a.start, a.end, a.size, a.ranges = parseContentRange(resp.Header.Get("Content-Range"))
	}
	// Parts of several answers go together only if nobody can take two
	// versions for one (RFC 9110 §15.3.7.3).
	if !a.isTagged() && a.modTime.IsZero() {
		a.ranges = false
	}
	return a
}

// describes reports whether a, the answer to a request with the fields of
// asked, tells enough of the file to come to the same verdict as the origin.
// A 412 and a 416 need not have any validators.
func (a *answer) describes(asked http.Header) bool {
	switch a.status {
	case http.StatusOK:
		return true
	case http.StatusPartialContent:
		return asked["Range"] != nil && a.size >= 0
	case http.StatusNotModified:
		return a.etag != "" && asked["If-None-Match"] != nil ||
			asked["If-Modified-Since"] != nil && asked["If-None-Match"] == nil
	}
	return false
}

// parseContentRange parses the Content-Range of a 206 (RFC 9110 §14.4), with
// end being that of a slice. Anything but a part of a known whole is refused:
//
//	Content-Range = "bytes" SP first-pos "-" last-pos "/" complete-length
func parseContentRange(s string) (start, end, size int64, ok bool) {
	unit, s, _ := strings.Cut(s, " ")
	part, whole, _ := strings.Cut(s, "/")
	first, last, _ := strings.Cut(part, "-")
	numbers := [3]uint64{}
	for i, digits := range []string{first, last, whole} {
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil {
			return 0, -1, -1, false
		}
		numbers[i] = n
	}
	start, end, size = int64(numbers[0]), int64(numbers[1])+1, int64(numbers[2])
	if !strings.EqualFold(unit, "bytes") || start >= end || end > size {
		return 0, -1, -1, false
	}
	return start, end, size, true
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
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
