// Package body has the writer that content is pushed into on its way to an
// http.ResponseWriter. It passes on windows of the content, and gathers small
// pieces; it sends them while the producer pauses; it gives slow
// clients a deadline for each piece; it hands files on disk over to sendfile(2);
// and it breaks off answers that cannot become complete.
//
// It knows nothing of header fields but a function that sends them.
//
//	writer.go    the writer: small pieces into the buffer
//	file.go      a file on disk that need not go through the buffer
//	window.go    which of the content is wanted, and whether all of it came
//	flush.go     how long it may wait
//	send.go      on to the client
//	buffer.go    what the pieces are gathered in
//	breakoff.go  how an answer ends that is not complete
package body

import (
	"io"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Writer is what a producer pushes content into: by Write, in pieces of any size,
// or by ReadFrom. It passes windows of it on to the client, as Expect says.
//
// The last byte of a window stays in the buffer for as long as the producer may
// still turn out to have too much, so that a wrong length never looks right.
//
// While the producer pauses, a timer in another goroutine sends the content of
// the buffer. Most writes need not know: the producer alone appends to the
// buffer, up to n, and publishes n as filled; the holder of the lock sends from
// the buffer, up to filled. A write takes the lock only to make room, to set the
// timer, and where a window begins or ends.
type Writer struct {
	sender // its exported fields are set before anything else is done; used under mu

	// FlushInterval is how long content may wait; 0: until there is no room;
	// negative: not at all.
	FlushInterval time.Duration

	// The producer's own.
	buf   *[BufferSize]byte // nil: all bytes go straight through
	n     int               // bytes in buf
	room  int               // fewer bytes than this can be written without another thought
	skip  int64             // bytes to drop ahead of the window
	left  int64             // bytes of the window that are missing
	end   int64             // where in the content the window ends
	sized bool              // otherwise the window is all that comes
	last  bool              // the content must end where the window does
	next  []Section         // windows that follow, each after the one before

	filled atomic.Int64 // n, for others to see
	armed  atomic.Bool  // the timer runs, and nothing has failed

	mu    sync.Mutex
	out   int  // bytes of buf that were sent
	held  bool // the last byte of buf waits until the window is settled
	timer *time.Timer
}

// Open gives b a buffer if it has none. Content that comes in one piece needs none.
func (b *Writer) Open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.buf == nil {
		b.buf = Buffers.Get().(*[BufferSize]byte)
		b.reckon()
	}
}

// Write takes the next bytes of the content. Once it fails, it keeps failing.
func (b *Writer) Write(p []byte) (int, error) {
	if len(p) >= b.room {
		if err := b.take(p); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	return b.added(copy(b.buf[b.n:], p))
}

// WriteString is Write without a copy of s.
func (b *Writer) WriteString(s string) (int, error) {
	if len(s) >= b.room {
		return b.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
	}
	return b.added(copy(b.buf[b.n:], s))
}

// ReadFrom takes all of src, reading straight into the beginning of the buffer. An
// [io.LimitedReader] over an [os.File] goes by sendfile(2), where that is possible.
func (b *Writer) ReadFrom(src io.Reader) (total int64, err error) {
	if total, err = b.sendFile(src); err != nil {
		return total, err
	}
	b.Open()
	// A window that fits the buffer is read at once: two reads of a storage may be
	// two requests.
	early := b.skip == 0 && b.left <= BufferSize && b.left > int64(BufferSize-b.n)
	for idle := 0; idle < 100; idle++ {
		if early || b.n == BufferSize {
			early = false
			if err := b.drain(); err != nil {
				return total, err
			}
		}
		p := b.buf[b.n:]
		if b.skip == 0 && 0 < b.left && b.left < int64(len(p)) {
			p = p[:b.left] // the next window may begin right behind
		}
		n, err := src.Read(p)
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
func (b *Writer) took(n int) error {
	if n >= b.room {
		return b.take(b.buf[b.n : b.n+n])
	}
	_, err := b.added(n)
	return err
}

// added publishes the n bytes that were appended to the buffer. All small pieces
// come this way, so it does as little as it can.
func (b *Writer) added(n int) (int, error) {
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
func (b *Writer) wake() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.arm()
}

// Finish sends the rest of the buffer, and the head if there was no byte.
func (b *Writer) Finish() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	b.held = false
	b.start(int64(b.n)) // if nothing was sent yet, all of it is here
	b.err = b.empty()
	return b.err
}

// Started reports whether the head was sent.
func (b *Writer) Started() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.started
}

// Sent returns how many bytes the http.ResponseWriter took.
func (b *Writer) Sent() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent
}

// ExtendDeadline gives the client its time for what the server still has to send.
func (b *Writer) ExtendDeadline() { b.extendDeadline() }

// LiftDeadline takes away the deadline of the server, which would run while the
// content is prepared.
func (b *Writer) LiftDeadline() { b.liftDeadline() }

// Close ends b: no byte is sent after it. Closing twice is harmless.
func (b *Writer) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = fs.ErrClosed
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	if b.buf != nil {
		Buffers.Put(b.buf)
		b.buf, b.room = nil, 0
	}
}
