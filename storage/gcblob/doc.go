// Package gcblob is a bucket of [gocloud.dev/blob] (S3, Google Cloud Storage,
// Azure, a directory, memory) as an [fs.FS] whose files have true range reads.
//
// Open a bucket with the driver of your choice, wrap it, and serve its files:
//
//	bucket, err := s3blob.OpenBucket(ctx, client, "reports", nil)
//	…
//	defer bucket.Close()
//
//	mux.Handle("GET /reports/{path...}", views.AsView(views.StorageDownloadView{Storage: gcblob.New(bucket)}))
//
// Each request's reads end with the request, by [FS.WithContext], and a view that
// redirects has pre-signed URLs from [FS.URL].
//
// # Cost
//
// Open asks for the attributes of the object, once, and that is all that a HEAD
// or a 304 takes. The content is asked for when the first byte is read, from
// that byte on. Seek costs nothing; a Read after it asks anew, from the new
// position, unless that is where the last Read stopped. ReadAt asks for exactly
// the bytes that fit. No bytes are read only to be skipped.
//
// (A [blob.Bucket] is itself an [fs.FS], which begins to read at Open, cannot
// ReadAt, has no entity tags, and reads with one context for all.)
//
// # What a file says of itself
//
// Size, modification time, entity tag, content type and content coding are those
// that the bucket has for the object; the last three by optional methods of the
// [fs.FileInfo], of which golang.org/x/net/webdav has the first two:
//
//	ETag(ctx context.Context) (string, error)
//	ContentType(ctx context.Context) (string, error)
//	ContentEncoding(ctx context.Context) (string, error)
//
// Its Sys is the [*blob.Attributes]. Nothing is decompressed.
//
// If the object is replaced between Open and a read, the read fails rather than
// mix two versions. This is told by size and modification time; stores that only
// know whole seconds (S3) do not show a version of the same size that was written
// in the same second.
//
// # Names
//
// A name is a key, and must be a valid path ([fs.ValidPath]). Buckets have no
// directories, so Open finds none. [FS.ReadDir] lists the beginnings of keys as if they
// were directories, which is all that an archive of a prefix needs. For a
// part of a bucket use [blob.PrefixedBucket], rather than [fs.Sub], which
// hides WithContext and URL.
package gcblob
