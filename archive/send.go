package archive

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/go-downloadview/downloadview/internal/own"
)

// minSend is the least content that is left to the system. Less is faster gathered
// with the headers around it.
const minSend = 64 << 10

// writeTo pushes the rest of the archive into w. Large files on disk go there by
// themselves, so that w may leave them to sendfile(2).
func (a *assembly) writeTo(w io.Writer) (total int64, err error) {
	for {
		n, err := own.Copy(w, gathered{a})
		total += n
		if err != nil {
			return total, err
		}
		n, err = a.send(w)
		total += n
		if n == 0 || err != nil {
			return total, err
		}
	}
}

// gathered is the archive up to the next file that is sent by itself.
type gathered struct{ a *assembly }

func (g gathered) Read(p []byte) (int, error) {
	a := g.a
	a.mu.Lock()
	defer a.mu.Unlock()
	file, _, err := a.fileAhead()
	switch {
	case err != nil:
		return 0, err
	case file != nil:
		return 0, io.EOF
	}
	return a.read(p, false)
}

// send has w take the file that comes next, if one does.
func (a *assembly) send(w io.Writer) (int64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	file, left, err := a.fileAhead()
	if file == nil || err != nil {
		return 0, err
	}
	s, off := a.source, a.records[a.part].size-left
	s.pos = -1
	if _, err := file.Seek(off, io.SeekStart); err != nil {
		return 0, a.failed(a.part, err)
	}
	content := &io.LimitedReader{R: file, N: left}
	n, err := own.Copy(w, content)
	a.off += n
	var path *fs.PathError
	switch {
	case errors.As(err, &path) && path.Path == file.Name():
		a.err = a.failed(a.part, err)
	case err != nil:
		return n, err // the writer's, which may want another range later
	case n < left:
		a.err = a.failed(a.part, s.tooShort(off+n))
	default:
		a.err = a.failed(a.part, s.bottom.CheckUnchanged())
	}
	return n, a.err
}

// fileAhead returns the file of the entry that a is in, and how much of its content
// follows, if the system can send that by itself: it is on disk, and needs no
// CRC-32. The file is looked at before and after. The reader of the archive
// checks a CRC-32 that was given.
func (a *assembly) fileAhead() (*os.File, int64, error) {
	if a.err != nil || a.part >= len(a.entries) {
		return nil, 0, nil
	}
	if err := a.front(); err != nil {
		return nil, 0, err
	}
	r, off := &a.records[a.part], a.off-int64(len(a.head))
	if off < 0 || r.described() || r.size-off < minSend {
		return nil, 0, nil
	}
	if a.ctx.Err() != nil {
		return nil, 0, context.Cause(a.ctx)
	}
	s, err := a.openAnywhere(a.part)
	if err != nil {
		a.err = a.failed(a.part, err)
		return nil, 0, a.err
	}
	return s.bottom.OnDisk, r.size - off, nil
}
