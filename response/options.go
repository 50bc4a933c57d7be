package response

import (
	"context"
	"net/http"
	"time"
)

// Options say how a file is presented and sent. The zero value is the safe
// default: an attachment, named and typed after the file.
type Options struct {
	// Inline shows the content in the page instead of "Save as…". Content
	// that others may have written (HTML, SVG) then runs in your origin.
	Inline bool

	// Basename is the name that the client sees; empty: the file's own.
	Basename string

	// ContentType is the media type; empty: the file's own, else by the
	// extension of the name, else application/octet-stream.
	ContentType string

	// Encoding is the content coding (RFC 9110 §8.4) that the bytes of the
	// file are in already, "gzip" for example. Nothing is encoded by it. The
	// answer has Vary: Accept-Encoding. A client that does not accept the
	// coding gets the same bytes, since there are no others. "identity" says
	// that the bytes are in no coding, and that there are others which are.
	Encoding string

	// Redirect sends GET requests to the file's URL, if it has one: a
	// pre-signed URL of a bucket, for example. The answer is 302 with Cache-Control:
	// no-store; HEAD is answered from here.
	Redirect bool

	// FlushInterval is how long content may wait in a buffer while its
	// producer pauses. So long may it also take a producer to learn that the
	// client has left. 0: 100 ms; negative: content does not wait, which costs
	// one write to the connection for each piece.
	FlushInterval time.Duration

	// NoGeneratedRanges switches off ranges for content that can only be had
	// from its beginning. For a range of such content, all that comes before
	// it is generated and dropped. Several ranges in ascending order cost no
	// more than the last of them. In another order they are ignored. The same
	// goes for archives, which may have to read such content.
	NoGeneratedRanges bool

	// NoRanges switches off ranges for all content.
	NoRanges bool

	// WriteTimeout is how long a client may take for each piece of at most
	// 256 KiB. The write deadline of the connection moves on after every
	// successful write. So the server's own WriteTimeout no longer cuts off
	// long downloads, and a client that stalls is let go. A ResponseWriter
	// that has no deadlines is logged, once a download.
	// 0: the server's WriteTimeout holds, for the whole download.
	WriteTimeout time.Duration

	// Limiter, if not nil, limits the speed at which the body leaves. A
	// *rate.Limiter of golang.org/x/time/rate is one, in bytes a second, and its
	// burst is the largest piece that is written at once. Downloads with the same
	// Limiter share its speed: a view's GetOptions can have one for each user.
	// The time that it waits does not count for WriteTimeout.
	Limiter Limiter

	// OnDone, if not nil, is called once for each file, when the answer has
	// ended and the file is closed: for counting, cleaning up, metrics. It is
	// not called if GetFile of a view fails, since there is no file then: see
	// [WithOnDone]. It runs in the goroutine of the request, and must be safe
	// for concurrent use.
	OnDone func(r *http.Request, outcome Outcome)
}

// Limiter limits the speed of all downloads that share it, together. It must be
// safe for concurrent use. A *rate.Limiter of golang.org/x/time/rate is one.
type Limiter interface {
	// WaitN returns when n bytes, at most Burst, may be sent. It returns an error
	// if ctx ends before that.
	WaitN(ctx context.Context, n int) error
	// Burst is how many bytes may be sent at once; 0: any number.
	Burst() int
}
