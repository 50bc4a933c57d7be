package response_test

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
)

// A sequence may be good for one run. Whatever ranges are asked for, the bytes of
// a complete answer are those of the content.
func TestSequencesThatRunOnce(t *testing.T) {
	var lines strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&lines, "line %05d\n", i)
	}
	content := lines.String()
	scanned := func(r io.Reader) func(func(string) bool) {
		scanner := bufio.NewScanner(r)
		return func(yield func(string) bool) {
			for scanner.Scan() {
				if !yield(scanner.Text() + "\n") {
					return
				}
			}
		}
	}
	for _, tt := range []struct {
		reason string
		open   func(*testing.T, *http.Request) io.Reader
		want   string
	}{
		{
			"a bufio.Scanner", func(*testing.T, *http.Request) io.Reader {
				return files.NewStringIteratorIO(scanned(strings.NewReader(content)))
			}, content,
		},
		{
			"the body of the request", func(_ *testing.T, r *http.Request) io.Reader {
				return files.NewWriterIO(func(w io.Writer) error {
					_, err := io.Copy(w, r.Body)
					return err
				})
			}, content,
		},
		{
			"partly read before it was wrapped", func(t *testing.T, _ *http.Request) io.Reader {
				it := files.NewStringIteratorIO(scanned(strings.NewReader(content)))
				if _, err := io.CopyN(io.Discard, struct{ io.Reader }{it}, 15); err != nil { // into the second line
					t.Error(err)
				}
				return it
			}, content[15:],
		},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			servertest.OverEach(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f := files.NewVirtualFile(tt.open(t, r), "a.txt")
				f.Size, f.ETag = int64(len(tt.want)), `"v1"`
				response.New(f, response.Options{}).ServeHTTP(w, r)
			}), func(t *testing.T, srv *servertest.Server) {
				for _, ask := range []struct {
					ranges string
					parts  [][2]int // nil: 200, and all of it
				}{
					{"bytes=600-611,0-11", nil},
					{"bytes=0-11,20-30,10-12", [][2]int{{0, 13}, {20, 31}}}, // two of them overlap
					{"bytes=0-11,600-611", [][2]int{{0, 12}, {600, 612}}},
					{"bytes=600-611", [][2]int{{600, 612}}},
				} {
					req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL, strings.NewReader(content))
					if err != nil {
						t.Fatal(err)
					}
					req.Header.Set("Range", ask.ranges)
					resp, err := srv.Client().Do(req)
					if err != nil {
						t.Fatal(err)
					}
					status, got := readEachPart(t, resp)
					wantStatus, want := 206, []string{}
					for _, part := range ask.parts {
						want = append(want, tt.want[part[0]:part[1]])
					}
					if ask.parts == nil {
						wantStatus, want = 200, []string{tt.want}
					}
					if status != wantStatus || strings.Join(got, "|") != strings.Join(want, "|") {
						t.Errorf("%s: status %d, want %d; parts %.80q, want %.80q", ask.ranges, status, wantStatus, got, want)
					}
				}
			})
		})
	}
}

// readEachPart returns the status of an answer that is complete, and its body: that
// of each part, if there are several.
func readEachPart(t *testing.T, resp *http.Response) (status int, parts []string) {
	t.Helper()
	defer resp.Body.Close()
	read := func(r io.Reader) {
		t.Helper()
		part, err := io.ReadAll(r)
		if err != nil {
			t.Error(err)
		}
		parts = append(parts, string(part))
	}
	mediaType, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/byteranges" {
		read(resp.Body)
		return resp.StatusCode, parts
	}
	reader := multipart.NewReader(resp.Body, params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return resp.StatusCode, parts
		}
		if err != nil {
			t.Error(err)
			return resp.StatusCode, parts
		}
		read(part)
	}
}
