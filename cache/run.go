package cache

import (
	"context"
	"errors"
	"fmt"
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
	hash *xxh3.Hasher // of what is in the file
	made int64        // when somebody else made the copy, as in its name; 0: it is made here

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
	defer func() { r.finish(err) }()
	err = guard(r.produce)
}

// guard makes an error of a panic of the generator or the bucket: in the goroutine
// of a run it would end the program.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return f()
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
func (r *run) closeGenerator() bool {
	err := guard(r.gen.closeFile)
	if err != nil {
		r.gen.logClosing(err)
	}
	return err == nil
}

func (r *run) log(err error) {
	level := slog.LevelError
	if errors.Is(err, errAbandoned) || errors.Is(err, errClosed) {
		level = slog.LevelDebug
	}
	slog.Log(r.gen.ctx, level, "downloadview: generating a copy has failed, it is not kept",
		"err", err, "file", r.gen.name(), "bytes", r.length())
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
