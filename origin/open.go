// Package origin has files at URLs. It asks the server there, the origin, on behalf
// of a client of this program.
//
//   - [Open] asks for a file, and [Options] say how.
//   - [File] is the origin's answer as an [io/fs.File].
//   - [Error] says what went wrong.
//   - [NewPublicClient] is for URLs that users can choose.
//
// From the top down:
//
//	open.go      requests, until the answers tell enough
//	file.go      the answer as a file
//	server.go    one request to the origin
//	redirect.go  where redirects may lead
//	answer.go    what the origin says of the file
//	request.go   what of the client's request is passed on
//	body.go      the content of an answer, and how long it is waited for
//	options.go   settings
//	error.go     what went wrong
//	url.go       what may be told of a URL
//	public.go    the public Internet alone
package origin

import (
	"errors"
	"math"
	"net/http"
	"path"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// Open asks for the file at rawURL on behalf of the client that sent r, and
// returns it as soon as the origin has answered. The request to the origin is
// cancelled with r's context.
//
// It is HEAD if r is, else GET, and passes on r's conditions and the first of
// its ranges (RFC 9110 §13.1, §14.2), so that the origin sends nothing in vain;
// nothing else of r. The origin's verdict is not the last word: the file tells
// enough for the response to reach its own. Where an answer does not tell that,
// or is a part that cannot be used, the origin is asked again, for less.
//
// Where the origin has no such file, or fails, the error is an [*Error].
func Open(r *http.Request, rawURL string, opts Options) (*File, error) {
	s, err := newServer(r.Context(), rawURL, opts)
	if err != nil {
		return nil, err
	}
	q := passedOn(r)
	a, err := s.askUntilKnown(q)
	if err != nil {
		return nil, err
	}
	if q.method == http.MethodHead || a.status != http.StatusOK && a.status != http.StatusPartialContent {
		a.dropBody()
	}
	f := &File{
		Name:            path.Base(s.url.Path),
		ModTime:         a.modTime,
		ETag:            a.etag,
		ContentType:     a.contentType,
		Encoding:        a.encoding,
		URL:             withoutUser(s.url),
		Size:            a.size,
		server:          s,
		wanted:          q.ranges,
		version:         a.version,
		ranges:          a.ranges,
		generatedRanges: opts.GeneratedRanges,
		notModified:     a.status == http.StatusNotModified,
		body:            a.body,
	}
	return f, nil
}

// askUntilKnown asks q, and again for less as long as the answer does not tell
// enough. HEAD comes first, since knowledge is missing and not content. Where HEAD is
// refused, one byte tells the same: a URL that is signed for GET is good for nothing
// else. A GET for the whole file is the last resort: whatever part is unusable, the
// whole is not.
func (s server) askUntilKnown(q request) (*answer, error) {
	again := []request{{method: http.MethodHead}, askFor(0, 0), {method: http.MethodGet}}
	parts, refused := true, rfc9110.Spec{First: math.MaxInt64, Last: -1}
	for step := 0; ; step++ {
		a, err := s.ask(q)
		switch {
		case err == nil && a.tellsEnough(q):
			a.ranges = a.ranges && parts && refused.In(a.size).Length <= 0
			return a, nil
		case err == nil && a.status == http.StatusPartialContent:
			parts, step = false, max(step, 2)
		case err == nil && a.status == http.StatusRequestedRangeNotSatisfiable:
			refused = q.asked // perhaps in vain
		case q.method == http.MethodHead && (err == nil && a.status == http.StatusOK || isRefusal(err)):
			step = max(step, 1) // HEAD once more would be in vain
		case err != nil:
			return nil, err
		}
		if err == nil {
			a.dropBody()
			err = s.refusal(a.status)
		}
		if step >= len(again) {
			return nil, err
		}
		q = again[step]
	}
}

// isRefusal reports whether err, an answer to HEAD, may be due to the method.
func isRefusal(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.StatusCode {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}
