package cache

import (
	"context"
	"io"
	"io/fs"
)

// Bucket is where machines share finished copies. A cache
// without a copy looks there before it starts the generator, and puts finished
// copies there. A
// failure of the bucket costs work, and never an answer: it is logged, and the
// content is generated.
//
// A Bucket must be safe for concurrent use, and give up when ctx ends. Names have
// letters, digits, "-" and "/". The one of storage/gcblob is for S3, Google Cloud
// Storage, Azure, and directories.
type Bucket interface {
	// Open opens the object of that name. Its Stat has the size. The error is
	// [fs.ErrNotExist] if it does not exist.
	Open(ctx context.Context, name string) (fs.File, error)

	// Put stores an object of size bytes, unless there is one of that name: then
	// that stays, and there is no error. It should ask first, to save the upload.
	// The object must not be visible before all of it is stored, and nothing is stored
	// if reading content fails.
	Put(ctx context.Context, name string, content io.Reader, size int64) error

	// Remove removes objects whose names begin with prefix: as many as it can in
	// some seconds, a hundred for example. It reports whether there may be more.
	// It is no error if no object has such a name.
	Remove(ctx context.Context, prefix string) (more bool, err error)
}
