package response_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

// Windows that begin, end and cross where buffers do.
func TestRangeOfLargeContent(t *testing.T) {
	const size = 300_000
	large := strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz\n", size/37+1)[:size]
	path := filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(path, []byte(large), 0o600); err != nil {
		t.Fatal(err)
	}
	kinds := append(slices.Clone(allKinds), kind{"stored", func(offer) fs.File {
		return open(t, path)
	}})
	for _, k := range kinds {
		srv := servertest.Start(t, servertest.HTTP11, download(func() fs.File { return k.open(offer{content: large, etag: `"v1"`}) }))
		for _, ranges := range []string{
			fmt.Sprintf("0-%d", bufferSize-1), fmt.Sprintf("0-%d", bufferSize), fmt.Sprintf("1-%d", bufferSize-1), fmt.Sprintf("1-%d", bufferSize),
			fmt.Sprintf("%d-%d", bufferSize-1, bufferSize-1), fmt.Sprintf("%d-%d", bufferSize, bufferSize),
			fmt.Sprintf("%d-%d", bufferSize-1, 2*bufferSize-1), "0-299999", "1-299999", "0-299998",
			fmt.Sprintf("%d-299999", size-bufferSize-1), fmt.Sprintf("%d-299999", size-bufferSize), fmt.Sprintf("%d-299999", size-bufferSize+1),
			"299999-299999", "100000-199999", "0-99999,200000-299999", "200000-299999,0-99999",
			fmt.Sprintf("0-9,100-%d,70000-269999,299999-299999", bufferSize+99),
			fmt.Sprintf("%d-%d,%d-%d,0-%d", 2*bufferSize, 3*bufferSize-1, bufferSize, 2*bufferSize-1, bufferSize-1),
			"150000-299999,0-149999",
		} {
			t.Run(k.name+"/"+ranges, func(t *testing.T) {
				got := srv.Do(t, "GET", "/", "Range", "bytes="+ranges)
				if k.name == overGenerator.name && stepsBack(t, large, ranges) {
					got.Check(t, http.StatusOK, large) // it is generated once
					return
				}
				want := partsOf(t, large, ranges)
				parts := []part{{got.Header.Get("Content-Type"), got.Header.Get("Content-Range"), got.Body}}
				if len(want) > 1 {
					parts = readParts(t, got)
				}
				if got.Status != http.StatusPartialContent || got.Err != nil || !slices.Equal(parts, want) {
					t.Errorf("status %d, %v, %d bytes of body that are not the ranges", got.Status, got.Err, len(got.Body))
				}
			})
		}
	}
}

// A range of a generated stream pushes its window only: the generator stops
// with its last byte, and cleans up.
func TestGenerationEndsWithTheWindow(t *testing.T) {
	type generation struct {
		Pieces  int
		CleanUp bool
	}
	for _, test := range []struct {
		reason string
		ranges string
		want   generation
	}{
		{"the first byte", "0-0", generation{1, true}},
		{"the first piece", "0-9", generation{1, true}},
		{"a byte more", "0-10", generation{2, true}},
		{"what comes before is generated too", "50-59", generation{6, true}},
		{"within a piece", "53-57", generation{6, true}},
		{"up to the last byte but one", "0-98", generation{10, true}},
		{"the end is waited for, for there must be no more", "90-99", generation{10, true}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			var got generation
			seq := func(yield func(string) bool) {
				defer func() { got.CleanUp = true }()
				for got.Pieces < 10 {
					got.Pieces++
					if !yield("0123456789") {
						return
					}
				}
			}
			f := generated(seq)
			f.Size, f.ETag = 100, `"v1"`
			want := partsOf(t, strings.Repeat("0123456789", 10), test.ranges)[0].Body
			servertest.Record(send(f, response.Options{}), "GET", "/", "Range", "bytes="+test.ranges).Check(t, http.StatusPartialContent, want)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("generation (-want +got):\n%s", diff)
			}
		})
	}
}

// A HEAD, a 304, a 412 and a 416 cost no generation.
func TestNoGenerationWithoutBody(t *testing.T) {
	for _, test := range []struct {
		method, field, value string
		status               int
	}{
		{http.MethodHead, "Range", "bytes=0-4", 200},
		{http.MethodGet, "If-None-Match", `"v1"`, 304},
		{http.MethodGet, "If-Match", `"v2"`, 412},
		{http.MethodGet, "Range", "bytes=100-", 416},
	} {
		f := generated(func(func(string) bool) {
			t.Errorf("%s with %s started the generator", test.method, test.field)
		})
		f.Size, f.ETag = 100, `"v1"`
		if got := servertest.Record(send(f, response.Options{}), test.method, "/", test.field, test.value); got.Status != test.status {
			t.Errorf("%s with %s: status %d, want %d", test.method, test.field, got.Status, test.status)
		}
	}
}

// Content that is not as long as its author said must not look complete.
func TestRangeOfWrongSize(t *testing.T) {
	const refused, brokenOff, served = "500", "broken off", "206"
	for _, test := range []struct {
		reason   string
		declared int64
		actual   int64
		ranges   string
		want     string
	}{
		{"shorter, but not in the window", 200_000, 100_000, "0-9", served},
		{"shorter than the window's end", 200_000, 100_000, "90000-109999", refused},
		{"shorter than the window's beginning", 200_000, 100_000, "150000-150009", refused},
		{"shorter, noticed after more than a buffer", 400_000, 200_000, "100-399999", brokenOff},
		{"shorter, an open end", 200_000, 100_000, "99999-", refused},
		{"longer, but not in the window", 100_000, 200_000, "0-9", served},
		{"longer, and the window ends where it should", 100_000, 200_000, "99990-99999", refused},
		{"longer, noticed after more than a buffer", 100_000, 200_000, "10-99999", brokenOff},
		{"empty", 100_000, 0, "5-9", refused},
	} {
		t.Run(test.reason, func(t *testing.T) {
			servertest.CaptureLog(t)
			f := files.NewVirtualFile(files.NewBytesIteratorIO(zeros(test.actual)), "file.bin")
			f.Size, f.ETag = test.declared, `"v1"`
			// Without the flush timer, what leaves does not depend on time.
			srv := servertest.Start(t, servertest.HTTP11, send(f, response.Options{FlushInterval: time.Hour}))
			got := srv.Do(t, "GET", "/", "Range", "bytes="+test.ranges)
			switch test.want {
			case served:
				got.Check(t, http.StatusPartialContent, strings.Repeat("\x00", 10))
			case refused:
				got.CheckError(t, http.StatusInternalServerError)
			case brokenOff:
				if got.Status != http.StatusPartialContent || got.Err == nil {
					t.Errorf("status %d, error %v, want a 206 that breaks off", got.Status, got.Err)
				}
			}
		})
	}
}
