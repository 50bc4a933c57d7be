package gcblob

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// CacheBucket is a bucket where the caches of several machines share finished
// copies: a cache.Bucket of the library. Make it with [NewCacheBucket]. It
// is safe for concurrent use.
//
// Nothing leaves the bucket by itself. Have the store delete objects that are as
// old as MaxAge of the caches, by a lifecycle rule.
type CacheBucket struct{ bucket *blob.Bucket }

// NewCacheBucket returns bucket for use by caches. Use [blob.PrefixedBucket] for a
// bucket that has other things in it, too. The caller keeps the bucket, and closes
// it after the caches. A nil bucket panics.
func NewCacheBucket(bucket *blob.Bucket) *CacheBucket {
	if bucket == nil {
		panic("gcblob: NewCacheBucket: the bucket is nil")
	}
	return &CacheBucket{bucket}
}

// Open opens the object of that name, as [FS.Open] does, for as long as ctx lasts.
func (b *CacheBucket) Open(ctx context.Context, name string) (fs.File, error) {
	return New(b.bucket).WithContext(ctx).Open(name)
}

// Parts of a large object are uploaded one at a time. The store's client has two of
// them in memory, and S3 allows 10,000, of 5 MiB at least.
const (
	minPart  = 5 << 20
	maxParts = 9000
)

// Put stores content of size bytes under that name, unless there is an object that
// has it: the store is asked before the upload, and asked to see to it in the end
// (If-None-Match), so of two that come at the same time one stays whole. If content
// fails, or ctx ends, nothing is stored.
func (b *CacheBucket) Put(ctx context.Context, name string, content io.Reader, size int64) error {
	if there, err := b.bucket.Exists(ctx, name); there || err != nil {
		return pathError("put", name, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := b.bucket.NewWriter(ctx, name, &blob.WriterOptions{
		IfNotExist:     true,
		ContentType:    "application/octet-stream", // no client should guess
		BufferSize:     int(max(minPart, size/maxParts)),
		MaxConcurrency: 1,
	})
	if err != nil {
		return pathError("put", name, err)
	}
	n, err := io.Copy(w, content)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		cancel() // or Close would store the beginning
	}
	err = errors.Join(err, w.Close())
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return nil
	}
	return pathError("put", name, err)
}

const (
	maxRemoved = 100 // objects by one call
	atOnce     = 8   // of them
)

// Remove deletes a hundred objects whose names begin with prefix, several at once.
func (b *CacheBucket) Remove(ctx context.Context, prefix string) (more bool, err error) {
	objects, _, err := b.bucket.ListPage(ctx, blob.FirstPageToken, maxRemoved, &blob.ListOptions{Prefix: prefix})
	if err != nil {
		return false, pathError("remove", prefix, err)
	}
	errs := make(chan error, len(objects))
	slots := make(chan struct{}, atOnce)
	for _, object := range objects {
		slots <- struct{}{}
		go func() {
			err := b.bucket.Delete(ctx, object.Key)
			if gcerrors.Code(err) == gcerrors.NotFound { // somebody else was faster
				err = nil
			}
			errs <- pathError("remove", object.Key, err)
			<-slots
		}()
	}
	for range objects {
		err = errors.Join(err, <-errs)
	}
	return len(objects) == maxRemoved, err
}
