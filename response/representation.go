package response

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// representation is what is known of the content before any of it is sent
// (RFC 9110 §8).
type representation struct {
	name         string
	contentType  string
	encoding     string      // the content coding of the file's bytes
	encoded      bool        // somebody in front has announced a content coding
	size         int64       // -1: not known
	modTime      time.Time   // see files.IsModTime
	etag         string      // "": none
	redirectURL  string      // where the content is to be had instead; "": here
	bytes        fs.File     // the file that has the content: File, or what that wraps
	stat         fs.FileInfo // what it says of itself
	info         fs.FileInfo // what File says of itself
	onDisk       *os.File    // bytes, if it is a regular file of the system's; nil: it is not
	access       access
	acceptRanges bool
}

// describe learns what is to be known of the file. Fields that the caller has
// set in h win.
func (d *DownloadResponse) describe(ctx context.Context, h http.Header) error {
	info, err := d.File.Stat()
	if err != nil {
		return err
	}
	d.info = info
	if d.bytes, d.stat, err = findBytes(d.File, info); err != nil {
		return err
	}
	if f, ok := d.bytes.(*os.File); ok && d.stat.Mode().IsRegular() {
		d.onDisk = f
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a directory: %w", info.Name(), fs.ErrNotExist)
	}
	d.name = path.Base(info.Name())
	d.size = info.Size()
	if d.size < 0 || !info.Mode().IsRegular() {
		d.size = -1 // the size of a pipe or a device is not that of its content
	}
	if d.onDisk != nil {
		if d.size >= 0 && d.size != d.stat.Size() {
			return fmt.Errorf("%s has %d bytes, not %d as declared", d.name, d.stat.Size(), d.size)
		}
		d.size = d.stat.Size()
	}
	d.describeType(ctx, h, info)
	d.describeVersion(ctx, h, info)
	if u, ok := info.(files.URLer); ok && d.Options.Redirect {
		d.redirectURL, err = u.URL(ctx)
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			slog.WarnContext(ctx, "downloadview: no URL to redirect to, the file is served from here", "err", err, "file", d.name)
		}
	}
	return nil
}

// describeAccess learns whether parts of the content can be had. The caller may
// have said in h that they cannot.
func (d *DownloadResponse) describeAccess(h http.Header) {
	if d.onDisk != nil {
		d.access = random
	} else {
		d.access, d.position = accessOf(d.File)
	}
	d.acceptRanges = d.size > 0 && !d.encoded && !d.Options.NoRanges && !strings.EqualFold(h.Get("Accept-Ranges"), "none") &&
		(d.access != sequential || isStrong(d.etag) && !d.Options.NoGeneratedRanges)
}

// describeType learns the content type and coding.
func (d *DownloadResponse) describeType(ctx context.Context, h http.Header, info fs.FileInfo) {
	d.encoded = h.Get("Content-Encoding") != ""
	d.encoding = d.Options.Encoding
	if e, ok := info.(files.ContentEncoder); ok && d.encoding == "" {
		d.encoding, _ = e.ContentEncoding(ctx)
	}
	d.contentType = d.Options.ContentType
	if t := h.Get("Content-Type"); t != "" {
		d.contentType = t
	}
	if t, ok := info.(files.ContentTyper); ok && d.contentType == "" {
		d.contentType, _ = t.ContentType(ctx) // else by the name
	}
	if d.contentType == "" {
		d.contentType = contentType(d.Options.Basename, d.name)
	}
}

// describeVersion learns the validators (RFC 9110 §8.8).
func (d *DownloadResponse) describeVersion(ctx context.Context, h http.Header, info fs.FileInfo) {
	if _, ok := h["Last-Modified"]; ok {
		d.modTime, _ = http.ParseTime(h.Get("Last-Modified")) // the zero time if it is none
	} else if t := info.ModTime(); !t.After(time.Now()) {
		d.modTime = t // one in the future must not be sent, RFC 9110 §8.8.2.1
	}
	if _, ok := h["Etag"]; ok {
		if tag := h.Get("Etag"); isEntityTag(tag) {
			d.etag = tag
		}
	} else {
		var onDisk fs.FileInfo
		if d.onDisk != nil {
			onDisk = d.stat
		}
		d.etag = entityTag(ctx, d.File, info, onDisk)
		if d.encoded && isStrong(d.etag) {
			d.etag = "W/" + d.etag // the bytes that are sent are others
		}
	}
}
