package response

import (
	"net/http"
	"strconv"
)

// head is what goes ahead of the body. It is kept apart from the
// http.ResponseWriter until the first byte of the body is there: if none ever
// comes, the answer is an error without a trace of the file.
type head struct {
	status int

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
