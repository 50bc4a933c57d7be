package cache

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/go-downloadview/downloadview/internal/own"
)

// direct is a generator that is read without a copy, by one reader, where no copy
// can be made. It runs as it would without a cache: when it is read, and for as
// long as its reader's context lasts.
type direct struct {
	mu   sync.Mutex
	gen  *generator
	at   int64 // where the generator is
	err  error // why it has no more
	stop func() bool
}

func newDirect(ctx context.Context, gen *generator) *direct {
	return &direct{gen: gen, stop: context.AfterFunc(ctx, gen.cancel)}
}

func (d *direct) readAt(_ context.Context, p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.moveTo(off); err != nil {
		return 0, err
	}
	for idle := 0; d.err == nil; idle++ {
		if idle == 100 {
			return 0, io.ErrNoProgress
		}
		n, err := d.gen.file.Read(p)
		d.at += int64(n)
		d.err = err // for the next time, if there are bytes before it
		if n > 0 {
			return n, nil
		}
	}
	return 0, d.err
}

// push has the generator write into w all from off on.
func (d *direct) push(w io.Writer, off int64) (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.moveTo(off); err != nil {
		return 0, err
	}
	n, err := own.Copy(w, d.gen.file)
	d.at += n
	return n, err
}

// moveTo brings the generator to off: by seeking, or by dropping the bytes before it.
func (d *direct) moveTo(off int64) error {
	if d.at == off {
		return nil
	}
	if s, ok := d.gen.file.(io.Seeker); ok {
		_, err := s.Seek(off, io.SeekStart)
		if err == nil {
			d.at, d.err = off, nil
		}
		if !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	if off < d.at {
		return errors.New("cache: generated content that is not kept cannot be read backwards")
	}
	n, err := io.CopyN(io.Discard, struct{ io.Reader }{d.gen.file}, off-d.at)
	d.at += n
	return err
}

func (d *direct) close() error {
	d.stop()
	d.gen.close()
	return nil
}
