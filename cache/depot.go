package cache

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/zeebo/xxh3"
)

// depot takes copies from a bucket, and puts them there. An object has the name
//
//	copies/key-version
//
// of the identity (see names.go), and begins with a header: when the copy was made,
// as 8 bytes, the most significant first, and the hash of its bytes, as it stands
// in a name. The bytes follow.
//
// mu guards the fields below it, and is held for nothing else.
type depot struct {
	bucket  Bucket
	expired func(copyName) bool
	open    func(copyName) (*os.File, error) // a kept copy

	mu      sync.Mutex
	down    time.Time           // until then it is not asked, since it did not answer
	odd     map[string]bool     // identities that go without it
	lacking map[string]copyName // copies that it may lack, by identity
	putting map[string]bool     // those on their way; true: forgotten meanwhile
	workers int
}

const (
	objectPrefix = "copies/"
	headerSize   = 8 + hashDigits

	// How long a bucket may take for each step: to open an object, to give or
	// take the next piece of it, to remove objects. Clients wait for a fetch.
	fetchPatience  = 10 * time.Second
	uploadPatience = time.Minute

	// downPause is how long a bucket that did not answer is not asked.
	downPause = 10 * time.Second

	// maxUploads is how many uploads a cache has at a time.
	maxUploads = 2
	maxOdd     = 1000
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

var (
	errPatience = errors.New("the bucket takes too long")
	errRotten   = errors.New("the object is not what was put into the bucket")
)

func (p *patient) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.timer.Reset(p.patience)
	return n, err
}

// fetch writes the copy of an identity to w; size: as declared, -1: not known. It
// returns when the copy was made. The error is [fs.ErrNotExist] if the bucket
// does not have it.
func (d *depot) fetch(ctx context.Context, id string, size int64, w io.Writer) (made int64, err error) {
	d.mu.Lock()
	skip := d.odd[id] || time.Until(d.down) > 0
	d.mu.Unlock()
	if skip {
		return 0, fs.ErrNotExist
	}
	ctx, content, stop := withPatience(ctx, fetchPatience)
	defer stop()
	err = guard(func() (err error) {
		made, err = d.fetchFrom(ctx, id, size, content, w)
		if errors.Is(err, errRotten) {
			_, removed := d.bucket.Remove(ctx, objectPrefix+id)
			err = errors.Join(err, removed)
		}
		return err
	})
	return made, d.noteDown(ctx, err)
}

// noteDown adds to err, and remembers, that it came since the bucket does not answer.
func (d *depot) noteDown(ctx context.Context, err error) error {
	if err != nil && context.Cause(ctx) == errPatience {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.down = time.Now().Add(downPause)
		return errors.Join(errPatience, err)
	}
	return err
}

func (d *depot) fetchFrom(ctx context.Context, id string, size int64, content *patient, w io.Writer) (made int64, err error) {
	object, err := d.bucket.Open(ctx, objectPrefix+id)
	if err != nil {
		return 0, err
	}
	defer object.Close()
	stat, err := object.Stat()
	if err != nil {
		return 0, err
	}
	length := stat.Size() - headerSize
	if length < 0 || size >= 0 && length != size {
		return 0, fmt.Errorf("%w: it has %d bytes", errRotten, stat.Size())
	}
	content.Reader = object
	var header [headerSize]byte
	if _, err := io.ReadFull(content, header[:]); err != nil {
		return 0, err
	}
	made = int64(binary.BigEndian.Uint64(header[:8]))
	if d.expired(copyName{made: made}) {
		_, err := d.bucket.Remove(ctx, objectPrefix+id)
		return 0, errors.Join(err, fs.ErrNotExist)
	}
	hash := xxh3.New()
	n, err := io.Copy(w, io.TeeReader(io.LimitReader(content, length), hash))
	if err != nil {
		return 0, err
	}
	if _, end := io.ReadFull(content, header[:1]); n < length || end != io.EOF {
		return 0, fmt.Errorf("%w: it has another length than the %d bytes it should have", errRotten, stat.Size())
	}
	if hashText(hash) != string(header[8:]) {
		return 0, errRotten
	}
	return made, nil
}

// avoid has an identity go without the bucket from now on.
func (d *depot) avoid(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.odd == nil || len(d.odd) >= maxOdd {
		d.odd = make(map[string]bool)
	}
	d.odd[id] = true
}

// lacks says that the bucket may not have a copy.
func (d *depot) lacks(name copyName) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lacking == nil {
		d.lacking, d.putting = make(map[string]copyName), make(map[string]bool)
	}
	d.lacking[name.id] = name
}

// share uploads what the bucket lacks, until it has all of that or does not take it.
// With more than a few at it, share does nothing.
func (d *depot) share(ctx context.Context) {
	d.mu.Lock()
	busy := d.workers >= maxUploads || time.Until(d.down) > 0
	if !busy {
		d.workers++
	}
	d.mu.Unlock()
	for !busy {
		name, ok := d.next()
		if !ok {
			return
		}
		err := d.upload(ctx, name)
		if err == nil && ctx.Err() == nil {
			continue
		}
		if ctx.Err() == nil {
			slog.WarnContext(ctx, "downloadview: a copy cannot be put into the bucket", "err", err, "copy", name.path())
		}
		d.lacks(name) // for the next time
		d.mu.Lock()
		defer d.mu.Unlock()
		d.workers--
		return
	}
}

// next takes a copy that the bucket may lack. Without one, the worker has ended.
func (d *depot) next() (copyName, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, name := range d.lacking {
		if _, busy := d.putting[id]; !busy {
			delete(d.lacking, id)
			d.putting[id] = false
			return name, true
		}
	}
	d.workers--
	return copyName{}, false
}

// upload puts a copy into the bucket, unless it is gone by now.
func (d *depot) upload(ctx context.Context, name copyName) error {
	ctx, content, stop := withPatience(ctx, uploadPatience)
	defer stop()
	err := guard(func() error { return d.put(ctx, name, content) })
	d.mu.Lock()
	forgotten := d.putting[name.id]
	delete(d.putting, name.id)
	d.mu.Unlock()
	if forgotten {
		_, removed := d.bucket.Remove(ctx, objectPrefix+name.id)
		err = errors.Join(err, removed)
	}
	return d.noteDown(ctx, err)
}

func (d *depot) put(ctx context.Context, name copyName, content *patient) error {
	if d.expired(name) {
		return nil
	}
	f, err := d.open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	header := append(binary.BigEndian.AppendUint64(nil, uint64(name.made)), name.hash...)
	content.Reader = io.MultiReader(bytes.NewReader(header), f)
	return d.bucket.Put(ctx, objectPrefix+name.id, content, headerSize+name.size)
}

// remove removes the objects of all identities that begin with prefix.
func (d *depot) remove(prefix string) error {
	for more := true; more; {
		ctx, cancel := context.WithTimeout(context.Background(), uploadPatience)
		var err error
		more, err = d.bucket.Remove(ctx, objectPrefix+prefix)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// forget sees to it that no such copy is put into the bucket, or stays there.
func (d *depot) forget(prefix string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.lacking, func(id string, _ copyName) bool { return strings.HasPrefix(id, prefix) })
	maps.DeleteFunc(d.odd, func(id string, _ bool) bool { return strings.HasPrefix(id, prefix) })
	for id := range d.putting {
		if strings.HasPrefix(id, prefix) {
			d.putting[id] = true
		}
	}
}
