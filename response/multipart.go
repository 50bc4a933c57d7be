package response

import (
	"crypto/rand"
	"net/http"
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

	for i, part := range parts {
		err := d.body.note(headers[i])
		if err == nil {
			err = d.produce(part, false)
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
	}
	err := d.body.note(trailer)
	if err == nil {
		err = d.body.finish()
	}
	d.end(w, r, err)
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

// canRepeat reports whether the parts can be sent in their order: a file that
// is produced from its beginning must start over for a step backward.
func (d *DownloadResponse) canRepeat(parts []window) bool {
	return d.access != sequential || len(parts) < 2 || rewind(d.File) == nil
}
