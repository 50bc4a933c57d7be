package archive

import (
	"bytes"
	"runtime/debug"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Content whose size is known and whose CRC-32 is not is put into stored blocks of
// DEFLATE (RFC 1951 §3.2.4): nothing is compressed, so the length is known, and
// unlike stored content it says itself where it ends. Readers of a stream need
// that, since the CRC-32 can only follow.
const (
	blockSize   = 1<<16 - 1
	blockHeader = 5
)

// blocksLength returns how long n bytes are, more than none, as stored blocks.
func blocksLength(n int64) int64 { return n + blockHeader*((n+blockSize-1)/blockSize) }

// placeInBlocks returns where byte off of stored blocks is: within the block whose
// content begins at start, its header included.
func placeInBlocks(off int64) (start, within int64) {
	return off / (blockHeader + blockSize) * blockSize, off % (blockHeader + blockSize)
}

// appendBlockHeader appends the header of the block whose content begins at start,
// of size bytes altogether: BFINAL, BTYPE 00, LEN and NLEN.
func appendBlockHeader(b []byte, start, size int64) []byte {
	length := uint16(min(size-start, blockSize))
	final := byte(0)
	if start+int64(length) == size {
		final = 1
	}
	b = append(b, final)
	b = le.AppendUint16(b, length)
	return le.AppendUint16(b, ^length)
}

// packSize is how much is compressed at once. Even if that makes it longer, it fits a
// buffer.
const packSize = len(buffer{}) - 4<<10

// packer has the compressed bytes of content of unknown size that were not read
// yet.
type packer struct {
	out   bytes.Buffer
	ended bool
}

// pack compresses p, which is the last of the content if ended. Each call borrows
// a compressor, which takes half a megabyte: a client that is slow holds none. So
// nothing in p can refer to earlier pieces. For so much that makes no difference.
func (k *packer) pack(p []byte, ended bool) {
	w := compressors.Get().(*flate.Writer)
	defer compressors.Put(w)
	k.out.Grow(len(buffer{}))
	w.Reset(&k.out)
	_, _ = w.Write(p) // a bytes.Buffer takes everything
	if ended {
		_ = w.Close()
	} else {
		_ = w.Flush()
	}
	k.ended = ended
}

// compressors are fast rather than thorough: they stand in the way of a download.
// The standard library takes three times as long, and does not pack better.
var compressors = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the error is about unknown levels
	return w
}}

// packerVersion says which compressor it is: another one makes other bytes.
var packerVersion = sync.OnceValue(func() string {
	const module = "github.com/klauspost/compress"
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, d := range build.Deps {
			if d.Path == module {
				if d.Replace != nil {
					d = d.Replace
				}
				return d.Path + d.Version + d.Sum
			}
		}
	}
	return ""
})

// A buffer is for content that is not passed on as it is.
type buffer = [64 << 10]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}
