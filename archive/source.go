package archive

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/own"
	"github.com/go-downloadview/downloadview/internal/stored"
)

// source is the content of one entry, while it is read.
type source struct {
	ctx    context.Context
	entry  int
	record *record
	file   fs.File
	bottom stored.File // of file: has the bytes

	pos   int64  // of the next byte that is read; -1: not known
	whole bool   // all before pos was read and summed
	sum   uint32 // and this is its CRC-32
}

// describe looks at the file that was opened.
func (s *source) describe() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errors.New("it is a directory")
	}
	if size := files.Size(info); size >= 0 && s.record.size >= 0 && size != s.record.size {
		return fmt.Errorf("it has %d bytes, not %d as declared", size, s.record.size)
	}
	s.bottom, err = stored.Find(s.file, info)
	return err
}

// read reads from pos on, and no further than the size. The error is [io.EOF] with
// the last bytes; these are only there if all is as it was declared.
func (s *source) read(p []byte) (int, error) {
	if s.record.size >= 0 {
		p = p[:min(int64(len(p)), s.record.size-s.pos)]
	}
	for range maxIdle {
		n, err := s.readFile(p)
		switch ended := err == io.EOF; {
		case err != nil && !ended:
			return n, err
		case ended && s.pos < s.record.size:
			return 0, s.tooShort(s.pos)
		case ended, s.pos == s.record.size:
			if err := s.finish(ended); err != nil {
				return 0, err
			}
			return n, io.EOF
		case n > 0:
			return n, nil
		}
	}
	return 0, io.ErrNoProgress
}

// maxIdle is how often a file may return nothing and no error.
const maxIdle = 100

func (s *source) readFile(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	n, err := s.bottom.Bottom.Read(p)
	s.pos += int64(n)
	if s.whole {
		s.sum = crc32.Update(s.sum, crc32.IEEETable, p[:n])
	}
	return n, err
}

func (s *source) tooShort(end int64) error {
	return fmt.Errorf("it ends after %d bytes, of %d as declared: %w", end, s.record.size, io.ErrUnexpectedEOF)
}

// finish checks, where the content should end, that it does, and that it is as
// declared.
func (s *source) finish(ended bool) error {
	if !ended {
		if err := s.expectEnd(); err != nil {
			return err
		}
	}
	if err := s.bottom.CheckUnchanged(); err != nil {
		return err
	}
	r := s.record
	r.size = s.pos
	if !s.whole {
		return nil
	}
	if r.known && r.crc != s.sum {
		return fmt.Errorf("its CRC-32 is %08x, not %08x", s.sum, r.crc)
	}
	r.known, r.crc = true, s.sum
	return nil
}

// expectEnd reads one byte more than there should be.
func (s *source) expectEnd() error {
	more := make([]byte, 1)
	for range maxIdle {
		n, err := s.bottom.Bottom.Read(more)
		switch {
		case n > 0:
			return fmt.Errorf("it is longer than %d bytes, as declared", s.record.size)
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
	return io.ErrNoProgress
}

// seek moves to off, if the file can seek.
func (s *source) seek(off int64) bool {
	seeker, ok := s.bottom.Bottom.(io.Seeker)
	if !ok {
		return false
	}
	at, err := seeker.Seek(off, io.SeekStart)
	if err != nil {
		return false
	}
	s.pos, s.whole, s.sum = at, at == 0 && !s.record.unused, 0
	return at == off
}

// skip reads on to off.
func (s *source) skip(off int64) error {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	for s.pos < off {
		if _, err := s.read(buf[:min(int64(len(buf)), off-s.pos)]); err != nil {
			return err
		}
	}
	return nil
}

// readAt fills p from off on without moving, if the file can do that. A storage
// then asks for no more than p.
func (s *source) readAt(p []byte, off int64) (bool, error) {
	r, ok := own.ReaderAt(s.bottom.Bottom)
	if !ok {
		return false, nil
	}
	n, err := r.ReadAt(p, off)
	switch {
	case n == len(p):
		return true, nil
	case errors.Is(err, errors.ErrUnsupported):
		return false, nil
	case err == nil, err == io.EOF:
		err = s.tooShort(off + int64(n))
	}
	return true, err
}
