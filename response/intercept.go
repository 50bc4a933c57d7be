package response

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// An Interceptor may answer a request in the place of the response: by handing
// the file over to a front server, for example. It is asked when the file is
// described and nothing of the answer is decided: before conditions and ranges
// are looked at, but after a redirect that [Options] ask for. It is asked for
// GET and HEAD only.
//
// It reports whether it has answered. Otherwise it must leave w untouched.
// It closes nothing, and must be safe for concurrent use.
type Interceptor func(w http.ResponseWriter, r *http.Request, rep *Representation) bool

// WithInterceptor returns a context whose requests are first offered to
// intercept, and then to the interceptors that ctx has already. It is for middleware:
//
//	r = r.WithContext(response.WithInterceptor(r.Context(), intercept))
//	next.ServeHTTP(w, r)
func WithInterceptor(ctx context.Context, intercept Interceptor) context.Context {
	return withLink(ctx, intercept)
}

// Representation describes a file before any of it is sent (RFC 9110
// §8). It is good for as long as the Interceptor runs that was given it.
type Representation struct {
	Name        string    // the file's base name
	Size        int64     // in bytes; -1: not known
	ModTime     time.Time // zero: not known
	ETag        string    // quoted; empty: none
	ContentType string
	Encoding    string   // the content coding of the bytes; empty: none
	OnDisk      *os.File // the regular file on disk that has the bytes, or nil

	// MayBeCompressed reports that middleware in front may compress the answer. It
	// leaves one alone that has a Content-Encoding, "identity" for example.
	MayBeCompressed bool

	rep    *representation
	status int // of the answer to a condition; 0: there was none
}

func newRepresentation(rep *representation) *Representation {
	return &Representation{
		Name: rep.name, Size: rep.size, ModTime: rep.modTime, ETag: rep.etag,
		ContentType: rep.contentType, Encoding: rep.encoding, OnDisk: rep.stored.OnDisk, rep: rep,
	}
}

// URL returns where else the content can be had, for a while at least, or "". The URL may be made for this call, and be signed.
func (rep *Representation) URL(ctx context.Context) (string, error) {
	url, err := files.URL(ctx, rep.rep.info)
	if errors.Is(err, errors.ErrUnsupported) {
		return "", nil
	}
	return url, err
}

// SetHeader sets the fields of w's header that describe the file: type, name,
// coding, validators and Vary. Fields that are there already stay.
// Length and ranges are not among them.
func (rep *Representation) SetHeader(w http.ResponseWriter) {
	hd := new(head)
	rep.rep.fillDescription(hd, w.Header(), rep.rep.contentType)
	hd.apply(w.Header())
}

// AnswerConditions evaluates the conditions of r that stand in the given fields
// ("If-Match"), in the order of RFC 9110 §13.2.2 and as if the others were true.
// It reports whether it has answered, with 304 or 412.
func (rep *Representation) AnswerConditions(w http.ResponseWriter, r *http.Request, fields ...string) bool {
	h := r.Header.Clone()
	for _, pair := range [][2]string{{"If-Match", "If-Unmodified-Since"}, {"If-None-Match", "If-Modified-Since"}} {
		if _, ok := rfc9110.Field(h[pair[0]]); ok {
			h.Del(pair[1]) // ignored beside the other
		}
		for _, name := range pair {
			if !slices.Contains(fields, name) {
				h.Del(name)
			}
		}
	}
	rep.status = answerConditions(w, r, h, rep.rep)
	return rep.status != 0
}
