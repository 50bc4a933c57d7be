package response

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"time"
)

// stretch is the most that is written at once under Options.WriteTimeout.
const stretch = 256 << 10

// errWriterPanic is what b.err is while w is at work. It stays if w panics and
// the producer recovers that: nobody knows how much was sent, and it must not be
// sent again.
var errWriterPanic = errors.New("the ResponseWriter panicked")

// send passes p on to the client, behind the head if that has not been sent. What
// it returns is b.err from then on.
func (b *body) send(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	b.err = errWriterPanic
	b.err = b.write(p)
	return b.err
}

func (b *body) write(p []byte) error {
	b.start()
	for len(p) > 0 {
		piece := p
		if b.timeout > 0 {
			piece = p[:min(len(p), stretch)]
		}
		b.extendDeadline()
		n, err := b.w.Write(piece)
		b.sent += int64(n)
		if err != nil {
			return &writeError{err}
		}
		if n != len(piece) {
			return &writeError{io.ErrShortWrite}
		}
		p = p[n:]
	}
	b.liftDeadline()
	return nil
}

// start sends the head, once.
func (b *body) start() {
	if b.head != nil {
		hd := b.head
		b.head = nil
		hd.send(b.w)
	}
}

// extendDeadline gives the client its time for the next piece.
func (b *body) extendDeadline() {
	if b.timeout > 0 {
		b.setDeadline(time.Now().Add(b.timeout))
	}
}

// liftDeadline takes the deadline away while the producer is at work: one that
// passes then resets a stream of HTTP/2, although the client did nothing wrong.
func (b *body) liftDeadline() {
	if b.timeout > 0 {
		b.setDeadline(time.Time{})
	}
}

func (b *body) setDeadline(deadline time.Time) {
	err := http.NewResponseController(b.w).SetWriteDeadline(deadline)
	if errors.Is(err, http.ErrNotSupported) { // any other error is that of a client that has left
		b.timeout = 0
		slog.WarnContext(b.ctx, "downloadview: the write deadline cannot be moved, WriteTimeout has no effect", "err", err)
	}
}

// sendFrom sends the next n bytes of src by way of rf, which is b.w.
func (b *body) sendFrom(rf io.ReaderFrom, src io.Reader, n int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.check() == nil {
		b.err = b.empty()
	}
	if b.err != nil {
		return b.err
	}
	b.n, b.out = 0, 0
	b.filled.Store(0)
	b.start()
	for n > 0 && b.err == nil {
		piece := n
		if b.timeout > 0 {
			piece = min(n, stretch)
		}
		b.extendDeadline()
		b.err = errWriterPanic
		var sent int64
		sent, b.err = rf.ReadFrom(io.LimitReader(src, piece))
		b.sent += sent
		n -= sent
		switch {
		case b.err != nil:
			b.err = sideOf(b.err)
		case sent < piece:
			b.err = fmt.Errorf("%w: %d bytes of it are missing", errTooShort, n)
		}
	}
	b.liftDeadline()
	return b.err
}

// writeError is an error of the http.ResponseWriter: the client's side, not the
// producer's.
type writeError struct{ err error }

// sideOf makes an error of a copy a writeError, unless it is that of a file.
func sideOf(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return err
	}
	return &writeError{err}
}

func (e *writeError) Error() string { return e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }
