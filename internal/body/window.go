package body

import (
	"errors"
	"fmt"
	"math"
)

var (
	errTooLong = errors.New("the content is longer than its declared size")

	// errEnough ends a producer that has reached the end of a range. It is no
	// failure.
	errEnough = errors.New("the range is complete")
)

// A Section is a window of the content that follows another, with a header that is
// sent ahead of it.
type Section struct {
	Header string
	Gap    int64 // from the end of the window before it
	Length int64
}

// Expect makes b drop skip bytes, pass on the window that begins at start
// (negative length: all that comes), then the next sections, and refuse
// more; last says that more would be too much, not enough.
func (b *Writer) Expect(skip, start, length int64, last bool, next ...Section) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next = next
	b.skip, b.left, b.end, b.sized, b.last = skip, length, start+length, length >= 0, last
	if !b.sized {
		b.left = math.MaxInt64
	}
	b.reckon()
}

// reckon tells, under mu, how much the fast road of Write may take. The last
// byte of a window never goes there.
func (b *Writer) reckon() {
	b.room = 0
	if b.buf != nil && b.skip == 0 {
		b.room = int(min(int64(BufferSize-b.n), b.left))
	}
}

// drain makes room in the buffer.
func (b *Writer) drain() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.disarm()
	if b.check() == nil {
		b.err = b.empty()
	}
	b.n = copy(b.buf[:], b.buf[b.out:b.n])
	b.out = 0
	b.filled.Store(int64(b.n))
	if b.err != nil {
		b.room = 0
		return b.err
	}
	b.reckon()
	return nil
}

// take is Write where there is something to think about.
func (b *Writer) take(p []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() {
		if b.err != nil {
			b.room = 0 // so that every write comes here, and fails
		}
	}()
	if err := b.check(); err != nil {
		return err
	}
	for {
		drop := min(b.skip, int64(len(p)))
		b.skip -= drop
		p = p[drop:]
		n := min(b.left, int64(len(p)))
		final := b.last && len(b.next) == 0
		if n < int64(len(p)) && final {
			b.err = fmt.Errorf("%w of %d bytes: there are at least %d", errTooLong, b.end, b.end-n+int64(len(p)))
			return b.err
		}
		b.left -= n
		b.held = b.left == 0
		if b.err = b.add(p[:n]); b.err != nil {
			return b.err
		}
		p = p[n:]
		if b.left > 0 || final {
			b.reckon()
			return nil
		}
		if len(b.next) == 0 {
			b.err = errEnough
			return b.err
		}
		if err := b.note(b.next[0].Header); err != nil {
			return err
		}
		b.skip, b.left = b.next[0].Gap, b.next[0].Length
		b.end += b.skip + b.left
		b.next = b.next[1:]
	}
}

// add puts p into the buffer and sends what does not fit. At least one byte of
// p stays.
func (b *Writer) add(p []byte) error {
	if b.buf == nil {
		return b.send(p)
	}
	if b.n+len(p) > BufferSize {
		b.disarm()
		if b.n > 0 {
			n := copy(b.buf[b.n:], p)
			if err := b.send(b.buf[b.out:]); err != nil {
				return err
			}
			p = p[n:]
			b.n, b.out = 0, 0
		}
		if len(p) > BufferSize {
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

// Begin sends what goes ahead of a window, or behind the last. As long as nothing
// was sent it waits in the buffer: a producer that fails at once shall still get
// a clean error answer.
func (b *Writer) Begin(header string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.started || b.buf == nil || b.n+len(header) > BufferSize {
		return b.note(header)
	}
	b.held = false
	b.n += copy(b.buf[b.n:], header)
	b.filled.Store(int64(b.n))
	return nil
}

// note sends s between windows, under mu.
func (b *Writer) note(s string) error {
	b.held = false
	if b.check() == nil {
		b.err = b.empty()
	}
	if b.err == nil {
		b.err = b.send([]byte(s))
	}
	b.n, b.out = 0, 0
	b.filled.Store(0)
	return b.err
}

// Settle is called when the producer of a window has ended with err. It reports
// why the window is not complete, nil if it is. The last byte of it, if it was
// buffered, is still there.
func (b *Writer) Settle(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.err == errEnough:
		b.err = nil // the next window may follow
	case b.err != nil:
		return b.err // the cause, whatever the producer made of it
	case err != nil:
		b.err = err
	case b.sized && (b.left > 0 || len(b.next) > 0):
		b.err = fmt.Errorf("%w: there are %d bytes, and %d were to come at least", errTooShort, b.end-b.left-b.skip, b.end)
	case !b.sized:
		// A producer that ends because the context has looks like one that
		// has no more.
		b.err = b.done()
	}
	return b.err
}
