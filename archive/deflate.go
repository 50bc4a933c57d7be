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

// A place in stored blocks is in the header of one of them or in the content.
// header is what is left of the former; otherwise the place is offset bytes into
// the content, and room bytes are left of the block.
type place struct {
	header       []byte
	offset, room int64
}

// placeInBlocks returns the place of byte off of size bytes in stored blocks.
func placeInBlocks(off, size int64) place {
	block, within := off/(blockHeader+blockSize), off%(blockHeader+blockSize)
	start := block * blockSize
	length := min(size-start, blockSize)
	if within < blockHeader {
		header := make([]byte, 0, blockHeader)
		final := byte(0)
		if start+length == size {
			final = 1
		}
		header = append(header, final) // BFINAL, and BTYPE 00
		header = le.AppendUint16(header, uint16(length))
		header = le.AppendUint16(header, ^uint16(length))
		return place{header: header[within:]}
	}
	return place{offset: start + within - blockHeader, room: length - (within - blockHeader)}
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
