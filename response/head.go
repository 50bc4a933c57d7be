package response

import (
	"net/http"
	"strconv"

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
	h := w.Header()
	for i := range hd.n {
		h[hd.keys[i]] = hd.values[i : i+1 : i+1]
	}
	w.WriteHeader(hd.status)
}

// setHead prepares the head of an answer with the content, or part of it.
func (d *DownloadResponse) setHead(w http.ResponseWriter, r *http.Request, status int, contentType string) {
	h := w.Header()
	d.head.status = status
	d.outcome.Status = status
	if status == http.StatusPartialContent {
		d.head.set("Content-Type", contentType)
	} else {
		d.setField(h, "Content-Type", contentType)
	}
	d.setField(h, "X-Content-Type-Options", "nosniff")
	basename, disposition := d.Options.Basename, "attachment"
	if basename == "" {
		basename = d.name
	}
	if d.Options.Inline {
		disposition = "inline"
	}
	if _, ok := h["Content-Disposition"]; !ok {
		d.head.set("Content-Disposition", ContentDisposition(disposition, basename))
	}
	d.setField(h, "Content-Encoding", d.contentEncoding(w, r, status))
	d.setValidators(h)
	if d.acceptRanges {
		d.setField(h, "Accept-Ranges", "bytes")
	} else {
		d.setField(h, "Accept-Ranges", "none")
	}
}

// setValidators sets the fields that 200, 206 and 304 have in common.
func (d *DownloadResponse) setValidators(h http.Header) {
	d.setField(h, "Etag", d.etag)
	if _, ok := h["Last-Modified"]; !ok && files.IsModTime(d.modTime) {
		d.head.set("Last-Modified", d.modTime.UTC().Format(http.TimeFormat))
	}
}

// setField sets a field that has a value, unless the caller did.
func (d *DownloadResponse) setField(h http.Header, key, value string) {
	if _, ok := h[key]; !ok && value != "" {
		d.head.set(key, value)
	}
}
