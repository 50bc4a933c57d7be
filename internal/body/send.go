package body

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"os"
	"syscall"
	"time"
)

// sender passes bytes on to the client, and remembers why it cannot any more.
type sender struct {
	// Response is where to.
	Response http.ResponseWriter
	// Context ends it all once it is done.
	Context context.Context
	// Persistent: a Context that was canceled ends nothing, only a write that
	// fails does. net/http cancels it when the client shuts its sending side, and
	// such a client still reads. It is for content that costs nothing to make.
	Persistent bool
	// Head.SendHead sends the head ahead of the first byte. length is the length of
	// the body if that is known by now, else -1.
	Head interface{ SendHead(length int64) }
	// WriteTimeout is how long the client may take for each piece; 0: for ever.
	WriteTimeout time.Duration
	// Limiter, if not nil, says when a piece may be sent.
	Limiter Limiter
	// ReaderFrom, if not nil, is Response, and is written to by its ReadFrom. It is
	// for clients of HTTP/1.0, to whom the end of the connection is the end of the
	// body: when a Write fails, because a deadline has passed, net/http ends the
	// connection in good order. When a ReadFrom fails, BreakOff can still reset it.
	ReaderFrom io.ReaderFrom

	started bool  // the head was sent
	sent    int64 // bytes that Response took
	err     error // why no more is taken
}

// errWriterPanic is what err is while the ResponseWriter is at work. It stays if
// that panics and the producer recovers: it is not known how much was sent, and it
// must not be sent again.
var errWriterPanic = errors.New("the ResponseWriter panicked")

var errTooShort = errors.New("the content is shorter than its declared size")

// check reports why no more is taken. A producer whose client has left is to
// stop even while nothing of it is sent.
func (s *sender) check() error {
	if s.err == nil {
		s.err = s.done()
	}
	return s.err
}

// done reports why the context ends it all.
func (s *sender) done() error {
	err := s.Context.Err()
	if s.Persistent && err == context.Canceled {
		return nil
	}
	return err
}

// stretch is the most that is written at once under a WriteTimeout.
const stretch = 256 << 10

// send passes p on to the client, behind the head if that has not been sent. What
// it returns is err from then on.
func (s *sender) send(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	s.err = errWriterPanic
	s.start(-1)
	s.err = s.write(p)
	return s.err
}

func (s *sender) write(p []byte) error {
	for len(p) > 0 {
		piece := p[:s.piece(int64(len(p)))]
		if err := s.ready(len(piece)); err != nil {
			return err
		}
		n, err := s.put(piece)
		s.sent += int64(n)
		if err != nil {
			return &WriteError{err}
		}
		if n != len(piece) {
			return &WriteError{io.ErrShortWrite}
		}
		p = p[n:]
	}
	s.liftDeadline()
	return nil
}

// Limiter is as in package response.
type Limiter interface {
	WaitN(ctx context.Context, n int) error
	Burst() int
}

// piece returns how many of n bytes are sent at once.
func (s *sender) piece(n int64) int64 {
	if s.WriteTimeout > 0 {
		n = min(n, stretch)
	}
	if s.Limiter != nil {
		n = min(n, math.MaxInt32) // of sendfile(2), where there is no other limit
		if burst := s.Limiter.Burst(); burst > 0 {
			n = min(n, int64(burst))
		}
	}
	return n
}

// ready waits until n bytes may be sent. Only then does the client's time begin.
func (s *sender) ready(n int) error {
	if s.Limiter != nil {
		s.liftDeadline()
		err := s.Limiter.WaitN(s.Context, n)
		if err != nil && s.Context.Err() != nil && s.done() == nil { // see Persistent
			err = s.Limiter.WaitN(context.WithoutCancel(s.Context), n)
		}
		if err != nil {
			if _, limited := s.Context.Deadline(); limited && s.Context.Err() == nil {
				// The wait would end after the context. It is the client's side.
				return &WriteError{fmt.Errorf("%w: %w", os.ErrDeadlineExceeded, err)}
			}
			return err
		}
	}
	s.extendDeadline()
	return nil
}

// put has Response take p.
func (s *sender) put(p []byte) (int, error) {
	if s.ReaderFrom == nil {
		return s.Response.Write(p)
	}
	n, err := s.ReaderFrom.ReadFrom(bytes.NewReader(p))
	return int(n), err
}

// start sends the head, once.
func (s *sender) start(length int64) {
	if !s.started {
		s.started = true
		s.Head.SendHead(length)
	}
}

// copyFrom passes the next n bytes of src on by way of rf, which is Response.
func (s *sender) copyFrom(rf io.ReaderFrom, src io.Reader, n int64) error {
	s.start(-1)
	for n > 0 && s.err == nil {
		piece := s.piece(n)
		if s.err = s.ready(int(piece)); s.err != nil {
			break
		}
		s.err = errWriterPanic
		var sent int64
		sent, s.err = rf.ReadFrom(io.LimitReader(src, piece))
		s.sent += sent
		n -= sent
		switch {
		case s.err != nil:
			s.err = sideOf(s.err)
		case sent < piece:
			s.err = fmt.Errorf("%w: %d bytes of it are missing", errTooShort, n)
		}
	}
	s.liftDeadline()
	return s.err
}

// flush sends on what Response has buffered itself. If it cannot, that leaves when
// it thinks fit.
func (s *sender) flush() error {
	s.extendDeadline()
	s.err = errWriterPanic
	err := http.NewResponseController(s.Response).Flush()
	s.err = nil
	s.liftDeadline()
	if err == nil || errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	s.err = &WriteError{err}
	return s.err
}

// extendDeadline gives the client its time for the next piece.
func (s *sender) extendDeadline() {
	if s.WriteTimeout > 0 {
		s.setDeadline(time.Now().Add(s.WriteTimeout))
	}
}

// liftDeadline takes the deadline away while the producer is at work: one that
// passes then resets a stream of HTTP/2, although the client did nothing wrong.
func (s *sender) liftDeadline() {
	if s.WriteTimeout > 0 {
		s.setDeadline(time.Time{})
	}
}

func (s *sender) setDeadline(deadline time.Time) {
	err := http.NewResponseController(s.Response).SetWriteDeadline(deadline)
	if errors.Is(err, http.ErrNotSupported) { // any other error: the client has left
		s.WriteTimeout = 0
		slog.WarnContext(s.Context, "downloadview: the write deadline cannot be moved, WriteTimeout has no effect", "err", err)
	}
}

// WriteError is an error of the http.ResponseWriter: the client's side, not the
// producer's.
type WriteError struct{ err error }

func (e *WriteError) Error() string { return e.err.Error() }
func (e *WriteError) Unwrap() error { return e.err }

// sideOf makes an error of a copy a WriteError, unless the file caused it.
func sideOf(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) || errors.Is(err, syscall.EIO) { // a bad disk: no connection has that error
		return err
	}
	return &WriteError{err}
}
