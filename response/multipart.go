package response

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
)

// serveMultipart sends several windows as multipart/byteranges (RFC 9110
// §14.6), in the order in which they were asked for.
func (d *DownloadResponse) serveMultipart(w http.ResponseWriter, r *http.Request, parts []window) {
	boundary := rand.Text()
	headers, total := d.partHeaders(boundary, parts)
	trailer := "\r\n--" + boundary + "--\r\n"
	d.setHead(w, r, http.StatusPartialContent, "multipart/byteranges; boundary="+boundary)
	d.head.setLength(total + int64(len(trailer)))

	d.openBody()
	for len(parts) > 0 {
		n := d.runLength(parts)
		last := n == len(parts) && parts[n-1].end() == d.size
		err := d.body.begin(headers[0])
		if err == nil {
			err = d.produce(parts[0], last, following(parts[:n], headers)...)
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
		parts, headers = parts[n:], headers[n:]
	}
	err := d.body.begin(trailer)
	if err == nil {
		err = d.body.finish()
	}
	d.end(w, r, err)
}

// runLength returns how many of parts the file can produce in one go: what is
// produced from its beginning need not start over for a step forward.
func (d *DownloadResponse) runLength(parts []window) int {
	n := 1
	for d.access == sequential && n < len(parts) && parts[n].start >= parts[n-1].end() {
		n++
	}
	return n
}

// following returns the sections of a run behind its first part.
func following(run []window, headers []string) []section {
	sections := make([]section, 0, len(run)-1)
	for i := 1; i < len(run); i++ {
		sections = append(sections, section{headers[i], run[i].start - run[i-1].end(), run[i].length})
	}
	return sections
}

// partHeaders returns what goes ahead of each part, and the length of it all.
func (d *DownloadResponse) partHeaders(boundary string, parts []window) (headers []string, total int64) {
	// A field value cannot hold line breaks; net/http sees to it in a header,
	// and nobody does in a body.
	contentType := strings.NewReplacer("\r", " ", "\n", " ").Replace(d.contentType)
	for i, part := range parts {
		h := "\r\n--" + boundary + "\r\nContent-Type: " + contentType +
			"\r\nContent-Range: " + part.contentRange(d.size) + "\r\n\r\n"
		if i == 0 {
			h = h[len("\r\n"):]
		}
		headers = append(headers, h)
		total += int64(len(h)) + part.length
	}
	return headers, total
}

// canSend reports whether the parts can be sent in their order. What is produced
// from its beginning on takes no step backward: it would have to be produced a
// second time, and a sequence may be good for one.
func (d *DownloadResponse) canSend(parts []window) bool {
	return d.access != sequential || slices.IsSortedFunc(parts, func(a, b window) int { return cmp.Compare(a.start, b.start) })
}
