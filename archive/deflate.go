package archive

import (
	"bytes"
	"compress/flate"
)

// Content whose size is known and whose CRC-32 is not is put into stored blocks of
// DEFLATE (RFC 1951 §3.2.4): nothing is compressed, so the length is known, and
// unlike stored content it ends where it says itself that it does. Readers of a
// stream need that, since the CRC-32 can only follow.
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

// deflater compresses content of unknown size.
type deflater struct {
	out   bytes.Buffer
	w     *flate.Writer
	ended bool
}

// newDeflater returns one that is fast rather than thorough: it stands in the way
// of a download.
func newDeflater() *deflater {
	d := new(deflater)
	d.w, _ = flate.NewWriter(&d.out, flate.BestSpeed) // the error is for unknown levels
	return d
}

func (d *deflater) reset() {
	d.out.Reset()
	d.w.Reset(&d.out)
	d.ended = false
}

// add compresses p, which is the last of the content if ended.
func (d *deflater) add(p []byte, ended bool) {
	// A bytes.Buffer takes everything.
	_, _ = d.w.Write(p)
	if ended {
		_ = d.w.Close()
		d.ended = true
	}
}
