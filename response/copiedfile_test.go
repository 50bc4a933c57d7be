package response_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
)

// leftTo is a ResponseWriter that counts what is left to its ReadFrom.
type leftTo struct {
	http.ResponseWriter
	n int64
}

func (w *leftTo) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(w.ResponseWriter, r)
	w.n += n
	return n, err
}

// pushed is a reader that can only push.
type pushed func(w io.Writer) error

func (pushed) Read([]byte) (int, error) { panic("it is to push") }

func (p pushed) WriteTo(w io.Writer) (int64, error) { return 0, p(w) }

// A reader whose WriteTo copies files into its output by io.CopyN has them sent by
// sendfile(2), but for the end of a window, if the length is known.
func TestCopiedFilesAreLeftToTheResponseWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part")
	part := bytes.Repeat([]byte("0123456789"), 50_000)
	if err := os.WriteFile(path, part, 0o600); err != nil {
		t.Fatal(err)
	}
	copied := func(w io.Writer) error {
		for range 2 {
			if _, err := io.WriteString(w, "header,"); err != nil {
				return err
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			if _, err := io.CopyN(w, f, int64(len(part))); err != nil {
				return err
			}
		}
		return nil
	}
	var want bytes.Buffer
	if err := copied(&want); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		reason string
		size   int64
		ranges string
		from   int
		to     int
		left   int64
	}{
		{"all of it", int64(want.Len()), "", 0, want.Len(), int64(2*len(part) - response.LastStretch)},
		{"a range that begins in the middle", int64(want.Len()), "bytes=250000-", 250_000, want.Len(), int64(len(part) - response.LastStretch)},
		{"a range that ends in the middle", int64(want.Len()), "bytes=0-299999", 0, 300_000, int64(300_000 - 7 - response.LastStretch)},
		{"no length", -1, "", 0, want.Len(), 0},
	} {
		file := files.NewVirtualFile(pushed(copied), "parts.txt")
		file.Size, file.ETag = tt.size, `"1"`
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if tt.ranges != "" {
			r.Header.Set("Range", tt.ranges)
		}
		recorder := httptest.NewRecorder()
		w := &leftTo{ResponseWriter: recorder}
		response.New(file, response.Options{}).ServeHTTP(w, r)
		if !bytes.Equal(recorder.Body.Bytes(), want.Bytes()[tt.from:tt.to]) {
			t.Errorf("%s: %d bytes of %d, or others", tt.reason, recorder.Body.Len(), tt.to-tt.from)
		}
		if w.n != tt.left {
			t.Errorf("%s: %d bytes were left to the ResponseWriter, want %d", tt.reason, w.n, tt.left)
		}
	}
}
