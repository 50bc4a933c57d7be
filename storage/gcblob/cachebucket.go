package gcblob

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// CacheBucket is a bucket where the caches of several machines share what they
// have finished: a cache.Bucket of the library. Make it with [NewCacheBucket]. It
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

// Put stores content under that name, unless there is an object that has it. It
// asks the store to see to that (If-None-Match), so of two that come at the same
// time one stays whole. If content fails, or ctx ends, nothing is stored.
func (b *CacheBucket) Put(ctx context.Context, name string, content io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := b.bucket.NewWriter(ctx, name, &blob.WriterOptions{
		IfNotExist:  true,
		ContentType: "application/octet-stream", // nobody is to guess
	})
	if err != nil {
		return pathError("put", name, err)
	}
	_, err = io.Copy(w, content)
	if err != nil {
		cancel() // or Close would store what there is
	}
	err = errors.Join(err, w.Close())
	if err == nil || gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return nil
	}
	return pathError("put", name, err)
}

// Remove deletes all objects whose names begin with prefix.
func (b *CacheBucket) Remove(ctx context.Context, prefix string) error {
	objects := b.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		object, err := objects.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return pathError("remove", prefix, err)
		}
		err = b.bucket.Delete(ctx, object.Key)
		if err != nil && gcerrors.Code(err) != gcerrors.NotFound { // somebody else was faster
			return pathError("remove", object.Key, err)
		}
	}
}
