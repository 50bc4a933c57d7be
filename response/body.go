package response

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"sync"
	"time"
	"unsafe"
)

const (
	// bufferSize is what generated content is gathered to before it goes to
	// the connection, and all the memory that a download takes.
	bufferSize = 64 << 10

	// stretch is the most that is written at once under Options.WriteTimeout.
	stretch = 256 << 10

	defaultFlushInterval = 100 * time.Millisecond
)

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

var (
	errTooShort = errors.New("the content is shorter than its declared size")
	errTooLong  = errors.New("the content is longer than its declared size")

	// errEnough ends a producer that has reached the end of a range. It is no
	// failure.
	errEnough = errors.New("the range is complete")
)

// body is the writer that a producer pushes content into: by Write, in pieces
// of any size, or by ReadFrom. It passes one window of them on to the client.
//
// The last byte that was taken stays in the buffer for as long as the producer
// may still turn out to have too much, so that a wrong length never looks right.
//
// While the producer pauses, a timer sends what is in the buffer. It runs in a
// goroutine of its own, hence the lock, which also covers w.
type body struct {
	w        http.ResponseWriter
	ctx      context.Context
	head     *head         // to send ahead of the first byte; nil: it was sent
	interval time.Duration // how long content may wait; negative: not at all
	timeout  time.Duration // Options.WriteTimeout

	mu    sync.Mutex
	skip  int64 // bytes to drop ahead of the window
	left  int64 // bytes of the window that are missing; negative: to the end
	last  bool  // the window ends where the content must end too
	sent  int64 // bytes passed on to w
	err   error // why no more is taken
	timer *time.Timer
	armed bool // the timer runs
	n     int  // bytes in the buffer
	buf   *[bufferSize]byte
}

// open gives b a buffer. Without one, what is written goes straight through.
func (b *body) open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = buffers.Get().(*[bufferSize]byte)
}

// expect makes b pass on the next left bytes after skip others, and refuse
// more; last says that more would be too much, not just enough.
func (b *body) expect(skip, left int64, last bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.skip, b.left, b.last = skip, left, last
}

// Write takes the next bytes of the content. Once it fails, it keeps failing.
func (b *body) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		// A producer whose client has left is to stop even while nothing of
		// it is sent.
		b.err = b.ctx.Err()
	}
	if b.err != nil {
		return 0, b.err
	}
	n := len(p)
	if p, b.err = b.inWindow(p); b.err == errTooLong {
		return 0, b.err
	}
	if err := b.add(p); err != nil {
		b.err = err
		return 0, err
	}
	return n, b.err
}

// WriteString is Write without a copy of s.
func (b *body) WriteString(s string) (int, error) {
	return b.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// inWindow cuts p to what is in the window, and tells whether the producer can
// stop there.
func (b *body) inWindow(p []byte) ([]byte, error) {
	if b.skip > 0 {
		n := min(b.skip, int64(len(p)))
		b.skip -= n
		p = p[n:]
	}
	if b.left < 0 {
		return p, nil
	}
	if int64(len(p)) > b.left {
		if b.last {
			return nil, errTooLong
		}
		p = p[:b.left]
	}
	b.left -= int64(len(p))
	if b.left == 0 && !b.last {
		return p, errEnough
	}
	return p, nil
}

// add puts p into the buffer and sends what does not fit. At least one byte of
// p stays.
func (b *body) add(p []byte) error {
	if b.buf == nil {
		return b.send(p)
	}
	if b.n+len(p) > bufferSize {
		if b.n > 0 {
			n := copy(b.buf[b.n:], p)
			if err := b.send(b.buf[:]); err != nil {
				return err
			}
			p = p[n:]
			b.n = 0
		}
		if len(p) > bufferSize {
			if err := b.send(p[:len(p)-1]); err != nil {
				return err
			}
			p = p[len(p)-1:]
		}
	}
	b.n += copy(b.buf[b.n:], p)
	if b.interval < 0 {
		return b.flush()
	}
	if !b.armed && len(p) > 0 {
		b.armed = true
		if b.timer == nil {
			b.timer = time.AfterFunc(b.interval, b.tick)
		} else {
			b.timer.Reset(b.interval)
		}
	}
	return nil
}

// ReadFrom takes all of src, reading straight into the buffer.
func (b *body) ReadFrom(src io.Reader) (total int64, err error) {
	if b.buf == nil {
		b.open()
	}
	for idle := 0; idle < 100; {
		free, err := b.free()
		if err != nil {
			return total, err
		}
		n, err := src.Read(free)
		if n > 0 {
			idle = 0
			total += int64(n)
			// The bytes are where Write puts them, unless the timer has made
			// room before them meanwhile.
			if _, err := b.Write(free[:n]); err != nil {
				return total, err
			}
		} else {
			idle++
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
	return total, io.ErrNoProgress
}

// free returns the part of the buffer that is free, after making some. Only
// ReadFrom's goroutine writes to it: the timer empties the rest.
func (b *body) free() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = b.ctx.Err()
	}
	if b.err == nil && b.n == bufferSize {
		b.err = b.empty()
	}
	return b.buf[b.n:], b.err
}

// empty sends what is in the buffer, all but a byte that has to wait for the
// producer's end.
func (b *body) empty() error {
	n := b.n
	if b.left == 0 && b.last {
		n--
	}
	if n <= 0 {
		return nil
	}
	err := b.send(b.buf[:n])
	b.n = copy(b.buf[:], b.buf[n:b.n])
	return err
}

// flush is empty, and on through whatever w buffers itself.
func (b *body) flush() error {
	if err := b.empty(); err != nil {
		return err
	}
	if b.head != nil {
		return nil // nothing was sent yet
	}
	err := http.NewResponseController(b.w).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil // it will be sent when w thinks fit
	}
	return err
}

// tick is called when content has waited for the flush interval.
func (b *body) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed = false
	if b.err != nil {
		return
	}
	defer func() {
		// In this goroutine, a panic in a ResponseWriter of somebody else's
		// would end the program.
		if v := recover(); v != nil {
			b.err = fmt.Errorf("panic in the ResponseWriter: %v", v)
		}
	}()
	if b.err = b.ctx.Err(); b.err == nil {
		b.err = b.flush()
	}
}

// note sends s between windows.
func (b *body) note(s string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = b.empty()
	}
	if b.err == nil {
		b.err = b.send([]byte(s))
	}
	return b.err
}

// sendFrom sends the next n bytes of src by way of rf, which is b.w.
func (b *body) sendFrom(rf io.ReaderFrom, src io.Reader, n int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = b.ctx.Err()
	}
	b.start()
	for n > 0 && b.err == nil {
		piece := n
		if b.timeout > 0 {
			piece = min(n, stretch)
			b.extendDeadline()
		}
		var sent int64
		sent, b.err = rf.ReadFrom(io.LimitReader(src, piece))
		b.sent += sent
		n -= sent
		switch {
		case b.err != nil:
			b.err = sideOf(b.err)
		case sent < piece:
			b.err = errTooShort
		}
	}
	return b.err
}

// send passes p on to the client, behind the head if that has not been sent.
func (b *body) send(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	b.start()
	for len(p) > 0 {
		piece := p
		if b.timeout > 0 {
			piece = p[:min(len(p), stretch)]
			b.extendDeadline()
		}
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
	err := http.NewResponseController(b.w).SetWriteDeadline(time.Now().Add(b.timeout))
	if err != nil {
		b.timeout = 0
		warnNoDeadline(b.ctx, err)
	}
}

// settle is called when the producer of a window has ended with err. It reports
// why the window is not complete, nil if it is.
func (b *body) settle(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.err == errEnough:
		b.err = nil // the next window may follow
	case b.err != nil:
		return b.err // the cause, whatever the producer made of it
	case err != nil:
		b.err = err
	case b.left > 0:
		b.err = errTooShort
	}
	return b.err
}

// finish sends what is left in the buffer, and the head if there was no byte.
func (b *body) finish() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	if b.head != nil && b.left < 0 {
		b.head.setLength(int64(b.n)) // it turned out to be known in time
	}
	b.left = -1 // nothing is held back any more
	b.start()
	b.err = b.empty()
	return b.err
}

// started reports whether anything was sent.
func (b *body) started() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.head == nil
}

// close ends b: no byte is sent after it, by nobody. Closing twice is harmless.
func (b *body) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = errEnough
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	if b.buf != nil {
		buffers.Put(b.buf)
		b.buf = nil
	}
}

// writeError is an error of the http.ResponseWriter: the client's side, not the
// producer's.
type writeError struct{ err error }

// sideOf makes an error of a copy a writeError, unless it is that of a file.
func sideOf(err error) error {
	var file *fs.PathError
	if errors.As(err, &file) {
		return err
	}
	return &writeError{err}
}

func (e *writeError) Error() string { return e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }
