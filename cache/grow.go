package cache

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
)

// Write takes the next bytes of the content.
func (r *run) Write(p []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.changed.Broadcast()
	if r.over {
		return 0, fs.ErrClosed
	}
	if r.redo {
		n = r.compare(p)
	}
	for n < len(p) && r.err == nil {
		rest := p[n:]
		if all := r.there() + int64(len(rest)); r.size >= 0 && all > r.size {
			r.err = fmt.Errorf("the content has %d bytes or more, not %d as declared", all, r.size)
			break
		}
		if len(r.buf) == 0 && len(rest) >= bufferSize {
			rest = rest[:min(len(rest), stretch)]
			r.store(rest)
			r.changed.Broadcast()
			n += len(rest)
			continue
		}
		more := copy(r.buf[len(r.buf):cap(r.buf)], rest)
		r.buf = r.buf[:len(r.buf)+more]
		n += more
		if len(r.buf) == cap(r.buf) {
			r.store(r.buf)
		}
	}
	return n, r.err
}

// store appends p, which may be the buffer, to the file. It is called under mu,
// and lets readers go on meanwhile.
func (r *run) store(p []byte) {
	r.mu.Unlock()
	r.hash.Write(p)
	n, err := r.file.Write(p)
	r.cache.grow(int64(n))
	r.mu.Lock()
	r.written += int64(n)
	r.buf = r.buf[:0]
	if r.err == nil {
		r.err = err
	}
}

// startOver makes the generator begin anew, although part of the copy is there
// and was read: from a bucket that has failed. What is there must come again.
func (r *run) startOver() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.buf) > 0 {
		r.store(r.buf)
	}
	r.redo = r.written > 0
}

// compare takes, under mu, those bytes of p that are there already, and sees that
// they are the same.
func (r *run) compare(p []byte) (n int) {
	for n < len(p) && r.redone < r.written && r.err == nil {
		was := r.buf[:min(int64(cap(r.buf)), int64(len(p)-n), r.written-r.redone)]
		if _, err := r.file.ReadAt(was, r.redone); err != nil {
			r.err = err
		} else if !bytes.Equal(was, p[n:n+len(was)]) {
			r.err = errDiffers
		}
		n += len(was)
		r.redone += int64(len(was))
	}
	r.redo = r.redone < r.written
	return n
}

// settle is called when the producer says that all is there.
func (r *run) settle() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.buf) > 0 && r.err == nil {
		r.store(r.buf)
	}
	switch {
	case r.err != nil:
	case r.redo:
		r.err = errDiffers
	case r.size >= 0 && r.written < r.size:
		r.err = fmt.Errorf("the content has %d bytes, not %d as declared", r.written, r.size)
	}
	return r.err
}

// readAt waits until there is something to read at off. The last byte of a
// declared size is not to be read before the run has ended well: a wrong length
// must not look right.
func (r *run) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	r.mu.Lock()
	for {
		ready := r.there()
		if r.size >= 0 && !r.over {
			ready = min(ready, r.size-1)
		}
		switch {
		case r.err != nil:
			defer r.mu.Unlock()
			return 0, &brokenError{r.err}
		case off < ready && off >= r.written:
			defer r.mu.Unlock()
			return copy(p, r.buf[off-r.written:ready-r.written]), nil
		case off < ready:
			p = p[:min(int64(len(p)), ready-off, r.written-off)]
			r.mu.Unlock()
			n, err := readStored(r.file, p, off)
			if err != nil {
				r.fail(err) // nor is the copy whole for others
			}
			return n, err
		case r.over:
			defer r.mu.Unlock()
			return 0, io.EOF
		case ctx.Err() != nil:
			defer r.mu.Unlock()
			return 0, ctx.Err()
		}
		r.changed.Wait()
	}
}

// wake makes readers look at their contexts.
func (r *run) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed.Broadcast()
}

// reader is one reader of a run, as a source.
type reader struct {
	*run
	stop func() bool
}

func newReader(ctx context.Context, r *run) *reader {
	return &reader{r, context.AfterFunc(ctx, r.wake)}
}

func (r *reader) close() error {
	r.stop()
	r.cache.leave(r.run)
	return nil
}
