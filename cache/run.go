package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/zeebo/xxh3"
)

// run makes one copy, in a goroutine and under a context of its own, and lets any
// number of readers see what is there of it.
//
// It appends to a file, by way of a buffer. Readers read the file at their own
// places, and take from the buffer what is not in the file yet. So the generator
// waits for the disk, and for nobody.
type run struct {
	cache *Cache
	gen   *generator
	id    string
	size  int64 // as declared; -1: not known
	begun time.Time
	temp  string   // the name of file
	file  *os.File // open while the goroutine or a reader needs it

	// Under the cache's mu:
	readers   int
	alive     bool        // the goroutine has not ended
	linger    *time.Timer // ends the run, since nobody reads; nil: somebody did so far
	forgotten bool        // the copy is not to be kept

	// The goroutine's own:
	hash  *xxh3.Hasher // of what is in the file
	made  int64        // when somebody else made the copy, as in its name; 0: it is made here
	stack []byte       // of a panic

	stored chan struct{} // closed when the copy is kept, or is not to be

	mu      sync.Mutex
	changed sync.Cond // more is there, or no more will come
	buf     []byte    // what comes after what is in the file
	written int64     // bytes in the file
	redone  int64     // bytes, of those, that were generated once more
	redo    bool      // what is there is being generated once more
	over    bool      // no more will come; all is there if err is nil
	err     error     // why the copy will never be whole
	tag     string    // of the bytes, once they are whole
}

// Small pieces are gathered in a buffer. Larger ones go to the file as they are,
// a stretch at a time, so that readers see them soon.
const (
	bufferSize = 64 << 10
	stretch    = 256 << 10
)

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

var (
	errAbandoned = errors.New("nobody waits for the copy any more")
	errClosed    = errors.New("the cache was closed")
	errGoexit    = errors.New("the generator ended its goroutine")
	errDiffers   = errors.New("the generator does not make the bytes that the bucket had begun with")
)

// brokenError is what readers get when a run has failed. The cause is in the log
// once, and not once more for each of them. It is in the chain because it decides
// the status of an answer that has not begun.
type brokenError struct{ cause error }

func (e *brokenError) Error() string { return "cache: generating the content has failed" }
func (e *brokenError) Unwrap() error { return e.cause }

// work is the goroutine.
func (r *run) work() {
	defer r.cache.work.Done()
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf) // after finish: until then readers may look at it
	r.mu.Lock()
	r.buf = buf[:0]
	r.mu.Unlock()
	err := errGoexit
	defer func() {
		if v := recover(); v != nil {
			err, r.stack = fmt.Errorf("panic: %v", v), debug.Stack()
		}
		r.finish(err)
	}()
	err = r.produce()
}

// produce takes the copy from the bucket, or else from the generator.
func (r *run) produce() error {
	if r.fetch() {
		return r.settle()
	}
	if err := r.failure(); err != nil {
		return err
	}
	if _, err := r.gen.push(r); err != nil {
		return err
	}
	return r.settle()
}

// finish deals with the copy when its producer has ended with err.
func (r *run) finish(err error) {
	closed := r.closeGenerator()
	if err = r.end(err); err != nil {
		r.log(err)
	}
	name, ok := copyName{}, false
	if err == nil && closed {
		name, ok = r.cache.keep(r)
	}
	if !ok {
		r.cache.discard(r, err)
	}
	close(r.stored)
	if ok && r.made == 0 {
		r.cache.upload(r, name.size)
	}
	r.cache.tidy()
	r.cache.bury(r)
	r.gen.cancel()
}

// closeGenerator closes what the copy was made of. A copy whose source could not
// be closed in order may not be what it should.
func (r *run) closeGenerator() (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			slog.ErrorContext(r.gen.ctx, "downloadview: panic while closing what a copy is made of",
				"panic", v, "file", r.gen.name(), "stack", string(debug.Stack()))
		}
	}()
	return r.gen.closeFile()
}

func (r *run) log(err error) {
	level := slog.LevelError
	if errors.Is(err, errAbandoned) || errors.Is(err, errClosed) {
		level = slog.LevelDebug
	}
	args := []any{"err", err, "file", r.gen.name(), "bytes", r.length()}
	if r.stack != nil {
		args = append(args, "stack", string(r.stack))
	}
	slog.Log(r.gen.ctx, level, "downloadview: generating a copy has failed, it is not kept", args...)
}

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

// end tells readers that no more will come. It returns why the copy is not whole,
// nil if it is.
func (r *run) end(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	r.over = true
	r.buf = nil // what is whole is in the file
	r.tag = contentTag(r.hash)
	r.changed.Broadcast()
	return r.err
}

// fail ends the run for its readers, and for its generator at its next Write; and
// if that ends in good order because its context has, it was not whole all the
// same. Once all is there, fail does nothing.
func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil && !r.over {
		r.err = err
	}
	r.changed.Broadcast()
}

// failure returns why the copy will never be whole, as far as is known.
func (r *run) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// there returns, under mu, how many bytes there are.
func (r *run) there() int64 { return r.written + int64(len(r.buf)) }

// length returns how many bytes there are so far.
func (r *run) length() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.there()
}

// isWhole reports whether all is there. Size and tag do not change after that.
func (r *run) isWhole() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.over && r.err == nil
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
			n := min(int64(len(p)), ready-off, r.written-off)
			r.mu.Unlock()
			return r.file.ReadAt(p[:n], off)
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

// storing is how long a request waits, when all is there, for the copy to be on
// disk under its name. That is what it takes for 256 MiB and a fast disk.
const storing = 100 * time.Millisecond

// awaitStored reports whether the copy is kept by then, or will never be. With a
// file on disk there are sendfile(2) and hand-over; without, there is the rest.
func (r *run) awaitStored(ctx context.Context) bool {
	timer := time.NewTimer(storing)
	defer timer.Stop()
	select {
	case <-r.stored:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
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
