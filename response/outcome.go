package response

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/go-downloadview/downloadview/internal/body"
)

// Outcome is how a download ended.
type Outcome struct {
	// Ending says it in one word.
	Ending Ending
	// Status is the status code that was sent; 0: none was.
	Status int
	// Bytes is how many bytes of content the server took on, with the
	// delimiters of several ranges, and without the text of an error answer.
	// A client that left may have got fewer, or some more of the write that
	// failed.
	Bytes int64
	// Err is why the answer is not complete, or is an error answer; else nil.
	Err error
	// Duration is the time from the call of ServeHTTP on.
	Duration time.Duration
}

// Ending says how a download ended. Its String can label a counter.
type Ending int

const (
	Complete    Ending = iota + 1 // the whole answer was sent: a file, a range, the answer to HEAD, a redirect
	NotModified                   // 304: the client has the content
	HandedOver                    // an [Interceptor] answered: how the download ended is known to the front server
	Refused                       // 4xx
	ClientLeft                    // before the end; players that seek do so all the time
	TimedOut                      // the client took longer than WriteTimeout, or the request than its context allows
	Failed                        // the file, or the program: somebody should look
)

// String returns the ending in small letters: "complete", "not modified".
func (e Ending) String() string {
	switch e {
	case Complete:
		return "complete"
	case NotModified:
		return "not modified"
	case HandedOver:
		return "handed over"
	case Refused:
		return "refused"
	case ClientLeft:
		return "client left"
	case TimedOut:
		return "timed out"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("Ending(%d)", int(e))
}

// endingOf returns how a download ended that err kept from its end. status is that
// of the error answer; 0: the download had begun.
func endingOf(ctx context.Context, err error, status int) Ending {
	var write *body.WriteError
	writing := errors.As(err, &write)
	switch {
	case status != 0 && Status(err) < 500, 400 <= status && status < 500:
		return Refused
	case writing && errors.Is(err, os.ErrDeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return TimedOut // ahead of Canceled: net/http cancels the context when a write fails
	case writing, errors.Is(ctx.Err(), context.Canceled):
		return ClientLeft
	}
	return Failed
}

// level returns how loud the log is about a download that was broken off.
func (e Ending) level() slog.Level {
	switch e {
	case ClientLeft:
		return slog.LevelDebug // clients leave all the time
	case TimedOut:
		return slog.LevelWarn // a limit of the server's own
	}
	return slog.LevelError
}

// onDone is what WithOnDone puts into a context.
type onDone func(r *http.Request, o Outcome)

// reportTo tells the observers, from the innermost on.
func reportTo(observers *link[onDone], r *http.Request, o Outcome) {
	if observers != nil {
		defer reportTo(observers.outer, r, o)
		observers.f(r, o)
	}
}

// WithOnDone returns a context in which f is told of every download that ends:
// beside [Options].OnDone of the download, and beside what ctx has already. It is
// told of downloads that a view's GetFile refuses, too. f runs in the goroutine of
// the request, and must be safe for concurrent use.
func WithOnDone(ctx context.Context, f func(r *http.Request, o Outcome)) context.Context {
	return withLink(ctx, onDone(f))
}

// Observe is [WithOnDone] as middleware: f is told of every download of next.
func Observe(next http.Handler, f func(r *http.Request, o Outcome)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(WithOnDone(r.Context(), f)))
	})
}
