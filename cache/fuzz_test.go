package cache_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/internal/servertest"
)

// FuzzGrowing reads a copy that grows and the same bytes in memory by the same
// calls: they do the same. Each step is two bytes: what is done, and where.
func FuzzGrowing(f *testing.F) {
	servertest.CaptureLog(f)
	f.Add(uint(100_000), []byte{0, 10, 1, 200, 0, 3, 2, 100, 3, 255, 0, 255})
	f.Add(uint(0), []byte{0, 0, 2, 1})
	f.Add(uint(65_536), []byte{2, 255, 3, 1, 0, 9, 1, 0, 0, 0})
	f.Add(uint(1), []byte{4, 4, 1, 0, 0, 200})
	c := newCache(f, cache.Options{Linger: 1, MaxBytes: 1}) // to keep none saves the syncing
	f.Fuzz(func(t *testing.T, size uint, steps []byte) {
		size = size%300_000 + 2 // to be too large
		content := lines(int(size)/10 + 1)[:size]
		plain := strings.NewReader(content)
		g := &recipe{content: content, etag: `"v1"`, sized: true}
		g.produce = func(ctx context.Context, w io.Writer) error {
			for n := 1; content != ""; n = n*3 + 1 { // pieces of all sizes
				piece := content[:min(n, len(content))]
				if _, err := io.WriteString(w, piece); err != nil {
					return err
				}
				content = content[len(piece):]
			}
			return nil
		}
		defer c.Settle()
		file := mustFile(t, c, t.Context(), "k", g)
		defer file.Close()
		growing := file.(interface {
			io.ReadSeeker
			io.ReaderAt
		})
		for ; len(steps) >= 2; steps = steps[2:] {
			at := int64(steps[1]) * int64(len(g.content)+100) / 255
			n := int(steps[1])*37 + 1
			a, b := make([]byte, n), make([]byte, n)
			var did [2]int64
			var errs [2]error
			switch steps[0] % 6 {
			case 0, 1:
				var n0, n1 int
				n0, errs[0] = io.ReadFull(plain, a)
				n1, errs[1] = io.ReadFull(growing, b)
				did = [2]int64{int64(n0), int64(n1)}
			case 2:
				var n0, n1 int
				n0, errs[0] = plain.ReadAt(a, at)
				n1, errs[1] = growing.ReadAt(b, at)
				did = [2]int64{int64(n0), int64(n1)}
			default:
				whence := int(steps[0]%6) - 3
				if whence != io.SeekStart {
					at -= int64(len(g.content)) / 2
				}
				did[0], errs[0] = plain.Seek(at, whence)
				did[1], errs[1] = growing.Seek(at, whence)
				if errs[0] != nil && errs[1] != nil {
					continue // the errors are not the same
				}
			}
			if did[0] != did[1] || errs[0] != errs[1] || string(a) != string(b) {
				t.Fatalf("step %d at %d: plain %d, %v; growing %d, %v", steps[0]%6, at, did[0], errs[0], did[1], errs[1])
			}
		}
	})
}
