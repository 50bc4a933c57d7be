package rfc9110

import "strings"

// descriptive are the fields that describe content (§8), and fields that say how
// long an answer with it may be kept. An error answer must have none of them.
var descriptive = []string{
	"Accept-Ranges", "Cache-Control", "Cdn-Cache-Control", "Content-Digest", "Content-Disposition",
	"Content-Encoding", "Content-Language", "Content-Length", "Content-Location", "Content-Md5", "Content-Range",
	"Content-Type", "Digest", "Etag", "Expires", "Last-Modified", "Repr-Digest", "Surrogate-Control",
}

// ClearRepresentation removes from h what an error answer must not carry, and
// forbids caches to keep it: some keep a 404 without a word (RFC 9110 §15.1).
func ClearRepresentation(h map[string][]string) {
	for _, key := range descriptive {
		delete(h, key)
	}
	h["Cache-Control"] = []string{"no-store"}
}

// IsUnknownType reports whether a media type is what storages and servers say of
// content of which they know nothing: application/octet-stream, or S3's
// binary/octet-stream.
func IsUnknownType(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "application/octet-stream", "binary/octet-stream":
		return true
	}
	return false
}
