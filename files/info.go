package files

import "context"

// ETager is the optional method of a file's [fs.FileInfo] that knows the entity
// tag of the content, quoted as in RFC 9110 §8.8.3: "v1" or W/"v1", quotes
// included. An empty tag with a nil error means that the content has none; any
// error means "cannot tell", and a response may then make a tag itself.
//
// The method is as in golang.org/x/net/webdav.
type ETager interface {
	ETag(ctx context.Context) (string, error)
}

// ContentTyper is the optional method of a file's [fs.FileInfo] that knows the
// content type. An empty type, or any error, means "cannot tell".
//
// The method is as in golang.org/x/net/webdav.
type ContentTyper interface {
	ContentType(ctx context.Context) (string, error)
}

// ContentEncoder is the optional method of a file's [fs.FileInfo] that knows the
// content coding (RFC 9110 §8.4) that the bytes are in already, "gzip" for
// example. An empty coding, or any error, means none. "identity" means none, too,
// and that the content exists in others: the answer has Vary: Accept-Encoding.
type ContentEncoder interface {
	ContentEncoding(ctx context.Context) (string, error)
}

// URLer is the optional method of a file's [fs.FileInfo] that knows where else
// the content can be had, for a while at least. An empty URL, or any error,
// means nowhere.
type URLer interface {
	URL(ctx context.Context) (string, error)
}
