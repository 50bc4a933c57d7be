package response

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// bufferSize is what content is gathered to before it goes to the connection, and
// all that a download buffers. With its framing it is less than one segment over
// loopback, where a proxy may be, holds (65,483 bytes): a write of 64 KiB leaves
// in two, and takes half as long again.
const bufferSize = 56 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// body is the writer that a producer pushes content into: by Write, in pieces
// of any size, or by ReadFrom. It passes one window of them on to the client.
//
// The last byte of the content stays in the buffer for as long as the producer
// may still turn out to have too much, so that a wrong length never looks right.
//
// While the producer pauses, a timer in a goroutine of its own sends what is in
// the buffer. Most writes need not know: the producer alone appends to the
// buffer, up to n, and publishes n as filled; whoever holds the lock sends from
// the buffer, up to filled. A write takes the lock only to make room, to set the
// timer, and where a window begins or ends.
type body struct {
	w        http.ResponseWriter // used under mu
	ctx      context.Context
	interval time.Duration // how long content may wait; 0: until there is no room; negative: not at all
	timeout  time.Duration // Options.WriteTimeout

	// The producer's own.
	buf   *[bufferSize]byte // nil: what is written goes straight through
	n     int               // bytes in buf
	room  int               // fewer bytes than this can be written without another thought
	skip  int64             // bytes to drop ahead of the window
	left  int64             // bytes of the window that are missing
	end   int64             // where in the content the window ends
	sized bool              // otherwise the window is all that comes
	last  bool              // the content must end where the window does
	next  []section         // windows that follow, each after the one before

	filled atomic.Int64 // n, for others to see
	armed  atomic.Bool  // the timer runs, and nothing has failed

	mu    sync.Mutex
	head  *head // to send ahead of the first byte; nil: it was sent
	out   int   // bytes of buf that were sent
	held  bool  // the last byte of buf waits until the window is settled
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

// Write takes the next bytes of the content. Once it fails, it keeps failing.
func (b *body) Write(p []byte) (int, error) {
	if len(p) >= b.room {
		if err := b.take(p); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	return b.added(copy(b.buf[b.n:], p))
}

// WriteString is Write without a copy of s.
func (b *body) WriteString(s string) (int, error) {
	if len(s) >= b.room {
		return b.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
	}
	return b.added(copy(b.buf[b.n:], s))
}

// added publishes the n bytes that were appended to the buffer. All small pieces
// come this way, so it does as little as it can.
func (b *body) added(n int) (int, error) {
	b.n += n
	b.room -= n
	b.left -= int64(n)
	b.filled.Store(int64(b.n))
	if !b.armed.Load() { // after filled was stored, or the timer could miss it
		return n, b.wake()
	}
	return n, nil
}

// wake sets the timer.
func (b *body) wake() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.arm()
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

// ReadFrom takes all of src, reading straight into the beginning of the buffer.
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
			if err := b.took(n); err != nil {
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

// took is Write for n bytes that are in their place in the buffer already.
func (b *body) took(n int) error {
	if n >= b.room {
		return b.take(b.buf[b.n : b.n+n])
	}
	_, err := b.added(n)
	return err
}

// finish sends what is left in the buffer, and the head if there was no byte.
func (b *body) finish() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	if b.head != nil && b.head.measure {
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
		b.err = fs.ErrClosed
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	if b.buf != nil {
		buffers.Put(b.buf)
		b.buf, b.room = nil, 0
	}
}
