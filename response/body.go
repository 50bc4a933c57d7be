package response

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
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
// The last byte of the content stays in the buffer for as long as the producer
// may still turn out to have too much, so that a wrong length never looks right.
//
// While the producer pauses, a timer in a goroutine of its own sends what is in
// the buffer. Most writes need not know: the producer alone appends to the
// buffer, up to n, and publishes n as filled; whoever holds the lock sends from
// the buffer, up to filled. Only to make room must a write take the lock, too.
type body struct {
	w        http.ResponseWriter // used under mu
	ctx      context.Context
	interval time.Duration // how long content may wait; negative: not at all
	timeout  time.Duration // Options.WriteTimeout

	// The producer's own.
	buf   *[bufferSize]byte // nil: what is written goes straight through
	n     int               // bytes in buf
	room  int               // fewer bytes than this can be written without another thought
	skip  int64             // bytes to drop ahead of the window
	left  int64             // bytes of the window that are missing
	sized bool              // otherwise the window is all that comes
	last  bool              // the content must end where the window does

	filled atomic.Int64 // n, for others to see
	armed  atomic.Bool  // the timer runs, and nothing has failed

	mu    sync.Mutex
	head  *head // to send ahead of the first byte; nil: it was sent
	out   int   // bytes of buf that were sent
	held  bool  // the last byte of buf waits for the producer's end
	sent  int64 // bytes that w took
	err   error // why no more is taken
	timer *time.Timer
}

// open gives b a buffer.
func (b *body) open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = buffers.Get().(*[bufferSize]byte)
	b.reckon()
}

// expect makes b drop skip bytes, pass on the next size (negative: whatever
// comes), and refuse more; last says that more would be too much, not enough.
func (b *body) expect(skip, size int64, last bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.skip, b.left, b.sized, b.last = skip, size, size >= 0, last
	if !b.sized {
		b.left = math.MaxInt64
	}
	b.reckon()
}

// reckon tells, under mu, how much the fast road of Write may take. The last
// byte of a window never goes there.
func (b *body) reckon() {
	b.room = 0
	if b.buf != nil && b.skip == 0 && b.err == nil {
		b.room = int(min(int64(bufferSize-b.n), b.left))
	}
}

// Write takes the next bytes of the content. Once it fails, it keeps failing.
func (b *body) Write(p []byte) (int, error) {
	if len(p) >= b.room {
		if err := b.take(p); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	n := copy(b.buf[b.n:], p)
	b.n += n
	b.room -= n
	b.left -= int64(n)
	b.filled.Store(int64(b.n))
	if !b.armed.Load() { // after filled was stored, or the timer could miss it
		b.mu.Lock()
		defer b.mu.Unlock()
		return n, b.arm()
	}
	return n, nil
}

// WriteString is Write without a copy of s.
func (b *body) WriteString(s string) (int, error) {
	return b.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// take is Write where there is something to think about.
func (b *body) take(p []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(); err != nil {
		return err
	}
	drop := min(b.skip, int64(len(p)))
	b.skip -= drop
	p = p[drop:]
	if int64(len(p)) > b.left {
		if b.last {
			b.err = errTooLong
			return b.err
		}
		p = p[:b.left]
	}
	b.left -= int64(len(p))
	b.held = b.left == 0 && b.last
	b.err = b.add(p)
	if b.err == nil && b.left == 0 && !b.last {
		b.err = errEnough
	}
	b.reckon()
	return b.err
}

// check reports why no more is taken. A producer whose client has left is to
// stop even while nothing of it is sent.
func (b *body) check() error {
	if b.err == nil {
		b.err = b.ctx.Err()
	}
	return b.err
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
			if err := b.send(b.buf[b.out:]); err != nil {
				return err
			}
			p = p[n:]
			b.n, b.out = 0, 0
		}
		if len(p) > bufferSize {
			if err := b.send(p[:len(p)-1]); err != nil {
				return err
			}
			p = p[len(p)-1:]
		}
	}
	b.n += copy(b.buf[b.n:], p)
	b.filled.Store(int64(b.n))
	return b.arm()
}

// arm sees to it that what is in the buffer leaves in time.
func (b *body) arm() error {
	switch {
	case b.err != nil:
		return b.err
	case b.interval < 0:
		b.err = b.flush()
		return b.err
	case b.armed.Load():
	case b.timer == nil:
		b.armed.Store(true)
		b.timer = time.AfterFunc(b.interval, b.tick)
	default:
		b.armed.Store(true)
		b.timer.Reset(b.interval)
	}
	return nil
}

// tick is called when content has waited for the flush interval.
func (b *body) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed.Store(false) // before filled is loaded: see Write
	if b.check() != nil {
		return
	}
	defer func() {
		// In this goroutine, a panic in a ResponseWriter of somebody else's
		// would end the program.
		if v := recover(); v != nil {
			b.err = fmt.Errorf("panic in the ResponseWriter: %v", v)
		}
	}()
	b.err = b.flush()
}

// ReadFrom takes all of src, reading straight into the buffer.
func (b *body) ReadFrom(src io.Reader) (total int64, err error) {
	if b.buf == nil {
		b.open()
	}
	for idle := 0; idle < 100; idle++ {
		if b.n == bufferSize {
			if err := b.drain(); err != nil {
				return total, err
			}
		}
		n, err := src.Read(b.buf[b.n:])
		if n > 0 {
			idle = 0
			total += int64(n)
			// The bytes are where Write puts them.
			if _, err := b.Write(b.buf[b.n : b.n+n]); err != nil {
				return total, err
			}
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

// drain makes room in a full buffer.
func (b *body) drain() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.check() == nil {
		b.err = b.empty()
	}
	b.n = copy(b.buf[:], b.buf[b.out:b.n])
	b.out = 0
	b.filled.Store(int64(b.n))
	b.reckon()
	return b.err
}

// empty sends what is in the buffer, all but a byte that has to wait.
func (b *body) empty() error {
	end := int(b.filled.Load())
	if b.held {
		end--
	}
	if end <= b.out {
		return nil
	}
	err := b.send(b.buf[b.out:end])
	b.out = end
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
	if err == nil || errors.Is(err, http.ErrNotSupported) {
		return nil // if it is not supported, it will be sent when w thinks fit
	}
	return &writeError{err}
}

// note sends s between windows.
func (b *body) note(s string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.check() == nil {
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
	if b.check() != nil {
		return b.err
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
	case b.sized && b.left > 0:
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
	if b.head != nil && !b.sized {
		b.head.setLength(int64(b.n)) // it turned out to be known in time
	}
	b.held = false
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
		b.buf, b.room = nil, 0
	}
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
