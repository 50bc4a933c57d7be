package views_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/internal/servertest"
)

// sloppyOrigins are servers with a file of originText, each with one thing wrong.
var sloppyOrigins = []struct {
	reason string
	h      http.HandlerFunc
}{
	{"HEAD is forbidden: the URL is signed for GET", refusesHEAD(403)},
	{"HEAD is not allowed", refusesHEAD(405)},
	{"HEAD is not implemented", refusesHEAD(501)},
	{"HEAD has a length of 0", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "HEAD" {
			w.Header().Set("Content-Length", "0")
			return
		}
		serveOrigin(originTag, originModTime)(w, r)
	}},
	{"Content-Range without a unit", contentRange("%[1]d-%[2]d/44")},
	{"Content-Range with the unit of Range", contentRange("bytes=%[1]d-%[2]d/44")},
	{"Content-Range of no known length", contentRange("bytes %[1]d-%[2]d/*")},
	{"Content-Range of another unit", contentRange("lines %[1]d-%[2]d/44")},
	{"Content-Range beyond the end", contentRange("bytes %[1]d-%[2]d/3")},
	{"no Content-Range", contentRange("")},
	{"several parts in place of one", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			r.Header.Set("Range", "bytes=0-1,4-5")
		}
		serveOrigin(originTag, originModTime)(w, r)
	}},
	{"other parts than asked for", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			r.Header.Set("Range", "bytes=20-21")
		}
		serveOrigin(originTag, originModTime)(w, r)
	}},
	{"all of the file as a part", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", originTag)
		w.Header().Set("Content-Range", "bytes 0-43/44")
		w.WriteHeader(206)
		io.WriteString(w, originText)
	}},
	{"a part that is longer than it says", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			serveOrigin(originTag, originModTime)(w, r)
			return
		}
		w.Header().Set("Etag", originTag)
		w.Header().Set("Content-Range", "bytes 4-8/44")
		w.WriteHeader(206)
		io.WriteString(w, originText)
	}},
	{"parts that go to the end", func(w http.ResponseWriter, r *http.Request) {
		if set, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
			first, _, _ := strings.Cut(set, "-")
			r.Header.Set("Range", "bytes="+first+"-")
			if first == "" {
				r.Header.Set("Range", "bytes=0-")
			}
		}
		serveOrigin(originTag, originModTime)(w, r)
	}},
	{"non-authoritative information", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(203)
		io.WriteString(w, originText)
	}},
	{"416 for every range, without a length", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			w.WriteHeader(416)
			return
		}
		serveOrigin(originTag, originModTime)(w, r)
	}},
	{"416 for every range, with a length", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			w.Header().Set("Content-Range", "bytes */44")
			w.WriteHeader(416)
			return
		}
		serveOrigin(originTag, originModTime)(w, r)
	}},
	{"it knows GET only, and no ranges", func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Range")
		refusesHEAD(405)(w, r)
	}},
}

func refusesHEAD(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "HEAD" {
			w.WriteHeader(status)
			return
		}
		serveOrigin(originTag, originModTime)(w, r)
	}
}

// contentRange answers with a part whose Content-Range is as format has it.
func contentRange(format string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rec := &rewriter{ResponseWriter: w, format: format}
		serveOrigin(originTag, originModTime)(rec, r)
	}
}

type rewriter struct {
	http.ResponseWriter
	format string
}

func (w *rewriter) WriteHeader(status int) {
	if h := w.Header(); status == 206 {
		var first, last int
		fmt.Sscanf(h.Get("Content-Range"), "bytes %d-%d/44", &first, &last)
		h.Del("Content-Range")
		if w.format != "" {
			h.Set("Content-Range", fmt.Sprintf(w.format, first, last))
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// A sloppy origin costs nobody the file, and no client gets other bytes than it
// asked for.
func TestHTTPDownloadViewTakesSloppyOrigins(t *testing.T) {
	for _, protocol := range servertest.Protocols {
		for _, tt := range sloppyOrigins {
			remote := servertest.Start(t, protocol, tt.h)
			proxy := startProxy(t, protocol, remote, "/fox.txt")
			for _, ask := range []struct {
				method string
				fields []string
				part   string // what a 206 has; "": none is right
			}{
				{"GET", nil, ""},
				{"HEAD", nil, ""},
				{"GET", []string{"Range", "bytes=0-0"}, "T"},
				{"GET", []string{"Range", "bytes=4-8"}, "quick"},
				{"GET", []string{"Range", "bytes=-4"}, "dog."},
				{"GET", []string{"Range", "bytes=4-"}, originText[4:]},
				{"GET", []string{"Range", "bytes=4-8", "If-Range", originTag}, "quick"},
				{"GET", []string{"Range", "bytes=4-8", "If-Range", `"v0"`}, ""},
				{"GET", []string{"If-None-Match", `"v0"`}, ""},
				{"GET", []string{"If-Unmodified-Since", originDate}, ""},
			} {
				t.Run(fmt.Sprint(protocol, "/", tt.reason, "/", ask.method, ask.fields), func(t *testing.T) {
					got := proxy.Do(t, ask.method, "/", ask.fields...)
					want := originText
					switch {
					case got.Status == 206 && ask.part != "":
						want = ask.part
					case got.Status != 200:
						t.Fatalf("status %d, %q, %v", got.Status, got.Body, got.Err)
					case ask.method == "HEAD":
						want = ""
					}
					if got.Body != want || got.Err != nil {
						t.Errorf("status %d, %q, %v; want %q", got.Status, got.Body, got.Err, want)
					}
					if ask.method == "HEAD" && got.Length != int64(len(originText)) && got.Length != -1 {
						t.Errorf("Content-Length %d", got.Length)
					}
				})
			}
		}
	}
}
