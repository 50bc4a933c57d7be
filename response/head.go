package response

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-downloadview/downloadview/files"
)

// head is what goes ahead of the body. It is kept apart from the
// http.ResponseWriter until the first byte of the body is there: if none ever
// comes, the answer is an error without a trace of the file.
type head struct {
	status int

	// measure: if all of the body is in the buffer, its length is to be told.
	measure bool

	// The header fields. Their values become slices of one array, for one
	// allocation instead of one a field.
	n      int
	keys   [12]string
	values [12]string
}

// set records a field; key is in canonical form.
func (hd *head) set(key, value string) {
	hd.keys[hd.n], hd.values[hd.n] = key, value
	hd.n++
}

func (hd *head) setLength(n int64) { hd.set("Content-Length", strconv.FormatInt(n, 10)) }

// send sends the head. Fields that the caller's header may keep were not set.
func (hd *head) send(w http.ResponseWriter) {
	hd.apply(w.Header())
	w.WriteHeader(hd.status)
}

func (hd *head) apply(h http.Header) {
	for i := range hd.n {
		h[hd.keys[i]] = hd.values[i : i+1 : i+1]
	}
}

// setHead prepares the head of an answer with the content, or part of it.
func (d *DownloadResponse) setHead(w http.ResponseWriter, r *http.Request, status int, contentType string) {
	h := w.Header()
	d.head.status = status
	d.outcome.Status = status
	delete(h, "Content-Range") // only this answer knows what is in it
	if status == http.StatusPartialContent {
		// These are made of the whole, and this is a part (RFC 9530 §2, RFC 1864).
		delete(h, "Content-Digest")
		delete(h, "Content-Md5")
		delete(h, "Content-Type")
	}
	d.describeIn(h, contentType)
	if d.encoding == "" {
		d.setField(h, "Content-Encoding", d.identity(w, r, status))
	}
	if d.acceptRanges {
		d.setField(h, "Accept-Ranges", "bytes")
	} else {
		d.setField(h, "Accept-Ranges", "none")
	}
}

// describeIn sets the fields that describe the file.
func (d *DownloadResponse) describeIn(h http.Header, contentType string) {
	d.setField(h, "Content-Type", contentType)
	d.setField(h, "X-Content-Type-Options", "nosniff")
	if _, ok := h["Content-Disposition"]; !ok {
		d.head.set("Content-Disposition", d.disposition())
	}
	d.setField(h, "Content-Encoding", d.encoding)
	d.setVary(h)
	d.setValidators(h)
}

// disposition returns the value of Content-Disposition. Content that has no name
// has the extension of its type all the same.
func (d *DownloadResponse) disposition() string {
	name := cleanName(cmp.Or(d.Options.Basename, d.name))
	if name == "" {
		name = nameless + extension(d.contentType)
	}
	if d.Options.Inline {
		return ContentDisposition("inline", name)
	}
	return ContentDisposition("attachment", name)
}

// setValidators sets the fields that 200, 206 and 304 have in common.
func (d *DownloadResponse) setValidators(h http.Header) {
	d.setField(h, "Etag", d.etag)
	if _, ok := h["Last-Modified"]; !ok && files.IsModTime(d.modTime) {
		d.head.set("Last-Modified", d.modTime.UTC().Format(http.TimeFormat))
	}
}

// setVary adds to what the answer depends on: bytes that are encoded are for who
// accepts the coding (RFC 9110 §12.5.5).
func (d *DownloadResponse) setVary(h http.Header) {
	if d.encoding == "" {
		return
	}
	fields := strings.Join(h["Vary"], ", ")
	switch {
	case fields == "":
		d.head.set("Vary", "Accept-Encoding")
	case fields != "*" && !strings.Contains(strings.ToLower(fields), "accept-encoding"):
		d.head.set("Vary", fields+", Accept-Encoding")
	}
}

// setField sets a field that has a value, unless the caller did.
func (d *DownloadResponse) setField(h http.Header, key, value string) {
	if _, ok := h[key]; !ok && value != "" {
		d.head.set(key, value)
	}
}
