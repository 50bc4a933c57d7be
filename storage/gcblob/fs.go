package gcblob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// FS is a bucket as a file system. Make it with [New]; set the fields before it
// is used. It is then safe for concurrent use.
type FS struct {
	// URLExpiry is how long a URL is valid; zero: [blob.DefaultSignedURLExpiry],
	// which is an hour.
	URLExpiry time.Duration

	// ReaderOptions are for each reader that is opened on the bucket; nil: none. Some stores need them for some objects: Google Cloud Storage
	// decompresses objects stored with gzip, and cannot give ranges of them, unless
	// a BeforeRead asks for the bytes as they are.
	ReaderOptions *blob.ReaderOptions

	// Listed, if not nil, tells what the driver knows of an object that ReadDir
	// lists, by its As method: the entity tag, quoted and the same that Open finds,
	// and the CRC-32 (IEEE) of the content; "" and 0 if not known.
	Listed func(object *blob.ListObject) (etag string, crc32 uint32)

	bucket *blob.Bucket
	ctx    context.Context
}

var _ fs.FS = (*FS)(nil)

// New returns bucket as a file system. The caller keeps the bucket, and closes
// it when no file is open any more. A nil bucket panics.
func New(bucket *blob.Bucket) *FS {
	if bucket == nil {
		panic("gcblob: New: the bucket is nil")
	}
	return &FS{bucket: bucket, ctx: context.Background()}
}

// WithContext returns the same file system for one request: ctx is for Open
// and for every read of the files it opens, and cancels them (except those from
// memory or a directory, whose drivers do not look). It costs next to nothing.
//
// It makes the file system a files.ContextFS of the library.
func (f *FS) WithContext(ctx context.Context) fs.FS {
	c := *f
	c.ctx = ctx
	return &c
}

// Open returns the object with the key name, of which it asks the attributes
// only. The error is an [*fs.PathError]; it is [fs.ErrNotExist] if there is no
// such object, [fs.ErrPermission] if the store refuses access, and
// [fs.ErrInvalid] if name is not a valid path.
//
// The file also is an [io.Seeker] and an [io.ReaderAt]. It serves one goroutine;
// only ReadAt may be called by several at once. Closing it twice is harmless.
func (f *FS) Open(name string) (fs.File, error) {
	if err := checkName("open", name); err != nil {
		return nil, err
	}
	attrs, err := f.bucket.Attributes(f.ctx, name)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	return &file{fsys: f, key: name, attrs: attrs}, nil
}

// URL returns a pre-signed URL where anybody can GET the object with the key name,
// without credentials and until it expires, straight from the store. It does
// not ask whether there is such an object. The error is [errors.ErrUnsupported]
// if the driver, or its configuration, has no such URLs.
//
// What the store answers there is its own affair: the name and the content type
// are the ones that the object was stored with.
//
// It makes the file system a files.URLFS of the library.
func (f *FS) URL(ctx context.Context, name string) (string, error) {
	if err := checkName("url", name); err != nil {
		return "", err
	}
	url, err := f.bucket.SignedURL(ctx, name, &blob.SignedURLOptions{Expiry: f.URLExpiry})
	if err != nil {
		return "", pathError("url", name, err)
	}
	return url, nil
}

// checkName refuses what no object is called.
func checkName(op, name string) error {
	switch {
	case !fs.ValidPath(name):
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	case name == ".":
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return nil
}

// pathError says what err is in the terms of package fs, and keeps err itself.
func pathError(op, name string, err error) error {
	switch gcerrors.Code(err) {
	case gcerrors.OK:
		return nil
	case gcerrors.NotFound:
		err = fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case gcerrors.PermissionDenied:
		err = fmt.Errorf("%w: %w", fs.ErrPermission, err)
	case gcerrors.Unimplemented:
		err = fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}
