package gcblob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"
)

// modTime is when the objects of the tests were stored.
var modTime = time.Date(2024, time.February, 29, 12, 0, 0, 123456789, time.UTC)

// store is a driver that writes down what it is asked for. What is not asked of
// it in these tests panics.
type store struct {
	driver.Bucket
	objects map[string]object

	mu  sync.Mutex
	log []string
}

// object is one object of a store.
type object struct {
	content string
	attrs   driver.Attributes
	reader  *driver.ReaderAttributes // what a reader says; nil: the same as attrs
}

// attributes returns those of o, with defaults.
func (o object) attributes() *driver.Attributes {
	if o.attrs.Size == 0 {
		o.attrs.Size = int64(len(o.content))
	}
	if o.attrs.ModTime.IsZero() {
		o.attrs.ModTime = modTime
	}
	return &o.attrs
}

// newBucket returns a store with the objects in it, as a bucket.
func newBucket(t *testing.T, objects map[string]object) (*blob.Bucket, *store) {
	t.Helper()
	s := &store{objects: objects}
	bucket := blob.NewBucket(s)
	t.Cleanup(func() { bucket.Close() })
	return bucket, s
}

func (s *store) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, fmt.Sprintf(format, args...))
}

var (
	errNoObject = errors.New("no such object")
	errDenied   = errors.New("denied")
)

func (s *store) ErrorCode(err error) gcerrors.ErrorCode {
	switch {
	case errors.Is(err, errNoObject):
		return gcerrors.NotFound
	case errors.Is(err, errDenied):
		return gcerrors.PermissionDenied
	}
	return gcerrors.Unknown
}

func (s *store) Attributes(ctx context.Context, key string) (*driver.Attributes, error) {
	s.note("attributes")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if key == "secret" {
		return nil, errDenied
	}
	o, ok := s.objects[key]
	if !ok {
		return nil, errNoObject
	}
	return o.attributes(), nil
}

func (s *store) NewRangeReader(ctx context.Context, key string, off, length int64, opts *driver.ReaderOptions) (driver.Reader, error) {
	if length < 0 {
		s.note("get %d-", off)
	} else {
		s.note("get %d-%d", off, off+length-1)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if opts.BeforeRead != nil {
		if err := opts.BeforeRead(func(any) bool { return false }); err != nil {
			return nil, err
		}
	}
	o, ok := s.objects[key]
	if !ok {
		return nil, errNoObject
	}
	attrs := o.reader
	if attrs == nil {
		attrs = &driver.ReaderAttributes{Size: o.attributes().Size, ModTime: o.attributes().ModTime}
	}
	content := o.content[min(off, int64(len(o.content))):]
	if length >= 0 {
		content = content[:min(length, int64(len(content)))]
	}
	return &storeReader{Reader: bytes.NewReader([]byte(content)), ctx: ctx, store: s, attrs: attrs}, nil
}

func (s *store) Close() error { return nil }

// storeReader writes down how much of it was read.
type storeReader struct {
	*bytes.Reader
	ctx    context.Context
	store  *store
	attrs  *driver.ReaderAttributes
	closed int
}

func (r *storeReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

func (r *storeReader) Close() error {
	r.closed++
	if r.closed > 1 {
		r.store.note("closed %d times", r.closed)
		return nil
	}
	r.store.note("close after %d bytes", r.Size()-int64(r.Len()))
	return nil
}

func (r *storeReader) Attributes() *driver.ReaderAttributes { return r.attrs }
func (r *storeReader) As(any) bool                          { return false }

var _ io.ReadCloser = (*storeReader)(nil)
