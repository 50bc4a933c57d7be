package cache

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"time"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// Bucket is where machines share finished copies. Who misses a copy looks there
// before the generator is started, and who has finished one puts it there. Whatever
// fails about it costs work, and never an answer: it is logged, and the content is
// generated.
//
// A Bucket must be safe for concurrent use, and give up when ctx ends. Names have
// letters, digits, "-" and "/". The one of storage/gcblob is for S3, Google Cloud
// Storage, Azure, and directories.
type Bucket interface {
	// Open opens the object of that name. Its Stat has the size, and as its time
	// that of Put. The error is [fs.ErrNotExist] if there is none.
	Open(ctx context.Context, name string) (fs.File, error)

	// Put stores an object, unless there is one of that name: then that stays, and
	// there is no error. Nobody may see an object before all of it is stored, and
	// nothing is stored if reading content fails.
	Put(ctx context.Context, name string, content io.Reader) error

	// Remove removes all objects whose names begin with prefix. It is no error if
	// there are none.
	Remove(ctx context.Context, prefix string) error
}

// objectPrefix is what all names in a bucket begin with.
const objectPrefix = "copies/"

// How long a bucket may take for each step: to open an object, to give or take the
// next piece of it, to remove objects. While one is read, clients wait.
const (
	fetchPatience  = 10 * time.Second
	uploadPatience = time.Minute
)

// patient is a reader whose context ends when a read takes too long.
type patient struct {
	io.Reader
	timer    *time.Timer
	patience time.Duration
}

// withPatience returns a context that ends if patience has passed without a read.
func withPatience(ctx context.Context, patience time.Duration) (context.Context, *patient, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(patience, func() { cancel(errPatience) })
	return ctx, &patient{timer: timer, patience: patience}, func() {
		timer.Stop()
		cancel(nil)
	}
}

var errPatience = errors.New("the bucket takes too long")

func (p *patient) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.timer.Reset(p.patience)
	return n, err
}

// fetch takes the copy from the bucket; false: it is to be generated.
func (r *run) fetch() bool {
	c := r.cache
	if c.Bucket == nil {
		return false
	}
	ctx, content, stop := withPatience(r.gen.ctx, fetchPatience)
	defer stop()
	err := guard(func() error { return r.fetchFrom(ctx, content) })
	if err == nil {
		c.count(&c.stats.Fetched)
		return true
	}
	if !errors.Is(err, fs.ErrNotExist) && r.gen.ctx.Err() == nil {
		slog.WarnContext(ctx, "downloadview: a copy cannot be taken from the bucket, it is generated",
			"err", err, "cause", context.Cause(ctx), "file", r.gen.name())
	}
	r.made = 0
	r.startOver()
	return false
}

func (r *run) fetchFrom(ctx context.Context, content *patient) error {
	name := objectPrefix + r.id
	object, err := r.cache.Bucket.Open(ctx, name)
	if err != nil {
		return err
	}
	defer object.Close()
	stat, err := object.Stat()
	if err != nil {
		return err
	}
	size := stat.Size()
	switch {
	case size < 0, r.size >= 0 && size != r.size:
		return errors.New("the object has another size than the content")
	case rfc9110.IsModTime(stat.ModTime()):
		r.made = stat.ModTime().UnixNano()
	default:
		r.made = time.Now().UnixNano()
	}
	if r.cache.expired(copyName{made: r.made}) {
		if err := r.cache.Bucket.Remove(ctx, name); err != nil {
			return err
		}
		return fs.ErrNotExist
	}
	content.Reader = object
	n, err := io.CopyN(r, content, size)
	if n < size && err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// upload puts a copy that is kept into the bucket.
func (c *Cache) upload(r *run, size int64) {
	if c.Bucket == nil {
		return
	}
	ctx, content, stop := withPatience(r.gen.ctx, uploadPatience)
	defer stop()
	content.Reader = io.NewSectionReader(r.file, 0, size)
	name := objectPrefix + r.id
	err := guard(func() error { return c.Bucket.Put(ctx, name, content) })
	c.mu.Lock()
	forgotten := r.forgotten
	c.mu.Unlock()
	if forgotten {
		err = errors.Join(err, c.removeShared(r.id))
	}
	if err != nil && r.gen.ctx.Err() == nil {
		slog.WarnContext(ctx, "downloadview: a copy cannot be put into the bucket",
			"err", err, "cause", context.Cause(ctx), "file", r.gen.name())
	}
}

// removeShared removes from the bucket the copies whose identity begins with
// prefix.
func (c *Cache) removeShared(prefix string) error {
	if c.Bucket == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), uploadPatience)
	defer cancel()
	return c.Bucket.Remove(ctx, objectPrefix+prefix)
}
