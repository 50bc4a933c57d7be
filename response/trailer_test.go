package response_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// A trailer that the caller declares follows content of any length, and of an
// answer that fails there is none.
func TestTrailer(t *testing.T) {
	servertest.CaptureLog(t)
	for _, tt := range []struct {
		size   int
		err    error
		want   string
		reason string
	}{
		{1, nil, "sum", "content that fits the buffer has a length, which would exclude a trailer"},
		{200_000, nil, "sum", "content that does not"},
		{1, errors.New("no more"), "", "an error answer"},
		{200_000, errors.New("no more"), "", "broken off"},
	} {
		write := func(w io.Writer) error {
			_, err := io.WriteString(w, strings.Repeat("x", tt.size))
			return errors.Join(err, tt.err)
		}
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "Repr-Digest")
			file := files.NewVirtualFile(files.NewWriterIO(write), "rows.csv")
			response.New(file, response.Options{OnDone: func(_ *http.Request, o response.Outcome) {
				if o.Ending == response.Complete {
					w.Header().Set("Repr-Digest", "sum")
				}
			}}).ServeHTTP(w, r)
		})
		for _, protocol := range []string{servertest.HTTP11, servertest.HTTP2} {
			got := servertest.Start(t, protocol, h).Do(t, "GET", "/").Trailer.Get("Repr-Digest")
			if got != tt.want {
				t.Errorf("%s, %s: the trailer is %q, want %q", protocol, tt.reason, got, tt.want)
			}
		}
	}
}
