package body

import (
	"errors"
	"io"
	"os"

	"github.com/go-downloadview/downloadview/internal/own"
)

// LastStretch is how much of a window goes through the buffer after sendfile(2) has
// sent the rest, so that the last byte can be held back. It is not as little as it
// could be: a small packet more costs more than a large one less saves.
const LastStretch = 48 << 10

// sendFile passes on the beginning of src, if that is an [io.LimitedReader] over a
// regular file on disk. It leaves that to the ReadFrom of Response: net/http's uses
// sendfile(2). A piece that is smaller than the buffer is gathered instead, with
// the bytes around it. So is the end of a window.
func (b *Writer) sendFile(src io.Reader) (int64, error) {
	limited, _ := src.(*io.LimitedReader)
	rf, ok := own.ReaderFrom(b.Response)
	if limited == nil || !ok || !b.sized || b.skip > 0 {
		return 0, nil // without a declared size net/http copies, through less of a buffer
	}
	file, ok := limited.R.(*os.File)
	piece := min(limited.N, b.left)
	if !ok || piece < BufferSize {
		return 0, nil
	}
	if piece = min(piece, rest(file)); piece < BufferSize {
		return 0, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.check() == nil {
		b.err = b.empty()
	}
	if b.err != nil {
		return 0, b.err
	}
	b.n, b.out = 0, 0
	b.filled.Store(0)
	before := b.sent
	err := b.copyFrom(rf, file, min(piece, b.left-LastStretch))
	if errors.Is(err, errTooShort) {
		err, b.err = nil, nil // the producer knows best what is cut
	}
	sent := b.sent - before
	limited.N -= sent
	b.left -= sent
	b.reckon()
	return sent, err
}

// rest returns how many bytes of a regular file follow where it stands. They are
// not known of a pipe or a file of /proc.
func rest(file *os.File) int64 {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	position, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0
	}
	return info.Size() - position
}
