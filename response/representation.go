package response

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
	"github.com/go-downloadview/downloadview/internal/stored"
)

// representation describes the content before any of it is sent
// (RFC 9110 §8).
type representation struct {
	file          fs.File
	modifiedSince func(since time.Time) bool // the view's word; nil: none

	info   fs.FileInfo // what file says of itself
	stored stored.File // the file that has the bytes

	name         string
	basename     string // the client-side name, where it is another
	inline       bool
	contentType  string
	encoding     string    // the content coding of the file's bytes; "": none
	varies       bool      // which bytes are sent depends on Accept-Encoding
	encoded      bool      // somebody in front has announced a content coding
	size         int64     // -1: not known
	modTime      time.Time // zero: not known
	etag         string    // "": none
	redirectURL  string    // where the client is sent instead; "": nowhere
	acceptRanges bool
}

// describe learns all about the file. Fields that the caller has set
// in h win.
func (rep *representation) describe(ctx context.Context, opts *Options, h http.Header) (err error) {
	if rep.info, err = rep.file.Stat(); err != nil {
		return err
	}
	if rep.stored, err = stored.Find(rep.file, rep.info); err != nil {
		return err
	}
	if rep.info.IsDir() {
		return fmt.Errorf("%s is a directory: %w", rep.info.Name(), fs.ErrNotExist)
	}
	rep.name, rep.basename, rep.inline = path.Base(rep.info.Name()), opts.Basename, opts.Inline
	if err := rep.describeSize(); err != nil {
		return err
	}
	rep.describeType(ctx, opts, h)
	rep.describeVersion(ctx, h)
	if opts.Redirect {
		rep.redirectURL, err = files.URL(ctx, rep.info)
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			slog.WarnContext(ctx, "downloadview: no URL to redirect to, the file is served from here", "err", err, "file", rep.name)
		}
	}
	return nil
}

// describeSize learns the length of the content. The size that a file on disk has
// is the system's to tell.
func (rep *representation) describeSize() error {
	rep.size = files.Size(rep.info)
	if rep.stored.OnDisk == nil {
		return nil
	}
	onDisk := rep.stored.Info.Size()
	if rep.size >= 0 && rep.size != onDisk {
		return fmt.Errorf("%s has %d bytes, not %d as declared", rep.name, onDisk, rep.size)
	}
	rep.size = onDisk
	return nil
}

// describeType learns the content type and coding.
func (rep *representation) describeType(ctx context.Context, opts *Options, h http.Header) {
	rep.encoded = h.Get("Content-Encoding") != ""
	if rep.encoding = opts.Encoding; rep.encoding == "" {
		rep.encoding, _ = files.ContentEncoding(ctx, rep.info)
	}
	rep.varies = rep.encoding != ""
	if strings.EqualFold(rep.encoding, "identity") {
		rep.encoding = ""
	}
	rep.contentType = cmp.Or(h.Get("Content-Type"), opts.ContentType)
	if rep.contentType == "" {
		rep.contentType, _ = files.ContentType(ctx, rep.info) // else by the name
	}
	if rep.contentType == "" {
		rep.contentType = contentType(rep.basename, rep.name)
	}
	if rep.encoding == "" && strings.HasPrefix(rep.contentType, "image/svg+xml") &&
		(strings.EqualFold(path.Ext(rep.name), svgz) || strings.EqualFold(path.Ext(rep.basename), svgz)) {
		rep.encoding, rep.varies = "gzip", true
	}
}

// describeVersion learns the validators (RFC 9110 §8.8).
func (rep *representation) describeVersion(ctx context.Context, h http.Header) {
	if _, ok := h["Last-Modified"]; ok {
		rep.modTime, _ = rfc9110.ParseDate(h.Get("Last-Modified")) // the zero time if that is no date
	} else if t := rep.info.ModTime(); rfc9110.IsModTime(t) && !t.After(time.Now()) {
		rep.modTime = t // one in the future must not be sent, §8.8.2.1
	}
	if _, ok := h["Etag"]; ok {
		if tag := h.Get("Etag"); rfc9110.IsEntityTag(tag) {
			rep.etag = tag
		}
		return
	}
	rep.etag = entityTag(ctx, rep.info, &rep.stored, rep.encoding)
	if rep.encoded && rfc9110.IsStrong(rep.etag) {
		rep.etag = "W/" + rep.etag // the bytes that are sent are others
	}
}

// wasModifiedSince decides If-Modified-Since.
func (rep *representation) wasModifiedSince(since time.Time) bool {
	if rep.modifiedSince != nil {
		return rep.modifiedSince(since)
	}
	return WasModifiedSince(rep.file, since)
}

// WasModifiedSince reports whether file changed after since: its own answer if
// it gives one (see [files.ModifiedSincer]), else by its modification time in
// whole seconds, else true.
func WasModifiedSince(file fs.File, since time.Time) bool {
	modified, err := files.WasModifiedSince(file, since)
	if err == nil {
		return modified
	}
	info, err := file.Stat()
	if err != nil {
		return true
	}
	modified, err = rfc9110.ModifiedSince(info.ModTime(), since)
	return modified || err != nil
}

// disposition returns the value of Content-Disposition. Content that has no name
// has the extension of its type all the same.
func (rep *representation) disposition() string {
	disposition := "attachment"
	if rep.inline {
		disposition = "inline"
	}
	name := cleanName(cmp.Or(rep.basename, rep.name))
	if name == "" {
		name = nameless + extension(rep.contentType)
	}
	return dispositionOf(disposition, name)
}
