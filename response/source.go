package response

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"slices"

	"github.com/go-downloadview/downloadview/internal/body"
	"github.com/go-downloadview/downloadview/internal/own"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
	"github.com/go-downloadview/downloadview/internal/stored"
)

// source is the file that rep describes, from which parts of the content come.
type source struct {
	rep      *representation
	access   stored.Access
	position int64 // where the file stands; -1: not known
	inMemory bool  // it needs no buffer on its way
}

// init learns how parts of what rep describes can be had. Content of unknown size
// has none, and is sent from where the file stands: its Seek may belong to a file
// inside, whose beginning it has decompressed already.
func (s *source) init(rep *representation) {
	s.rep = rep
	if rep.stored.OnDisk != nil {
		s.access = stored.Random
		return
	}
	if rep.size >= 0 {
		s.access, s.position = stored.AccessOf(rep.stored.Bottom)
	}
	s.inMemory = rep.stored.InMemory
}

// canSend reports whether the ranges can be sent in their order. Content that is
// produced from its beginning on takes no step backward: it would have to be produced a
// second time, and a sequence may be good for one. Nor do ranges go backward that
// could make a file be read once for each of them.
func (s *source) canSend(ranges []rfc9110.Range) bool {
	return s.access > stored.Forward ||
		slices.IsSortedFunc(ranges, func(a, b rfc9110.Range) int { return cmp.Compare(a.Start, b.Start) })
}

// open gives b a buffer if the content needs one.
func (s *source) open(b *body.Writer) {
	if !s.inMemory {
		b.Open()
	}
}

// send has the file push one part of its content into b. next are sections that a
// sequential file has to produce in the same go. The last byte of the part has not
// left when send returns.
func (s *source) send(b *body.Writer, part rfc9110.Range, next ...body.Section) error {
	end := part.End()
	for _, section := range next {
		end += section.Gap + section.Length
	}
	// If that is the end of the content, there must be no more.
	if err := b.Settle(s.push(b, part, end == s.rep.size, next)); err != nil {
		return err
	}
	return s.rep.stored.CheckUnchanged()
}

// push brings the file to where the part starts, and makes it push.
func (s *source) push(b *body.Writer, part rfc9110.Range, last bool, next []body.Section) error {
	if s.rep.stored.OnDisk != nil {
		return s.pushFromDisk(b, part, last)
	}
	file, position := s.rep.stored.Bottom, s.position
	s.position = -1 // not known any more
	s.open(b)
	if s.access == stored.Sequential {
		b.Expect(part.Start, part.Start, part.Length, last, next...)
		_, err := own.Copy(b, file)
		return err
	}
	b.Expect(0, part.Start, part.Length, last)
	// A storage asks for no more than a small part if it is told at once how
	// much that is, instead of for all that follows.
	small := part.Length <= body.BufferSize && part.Length < s.rep.size && !s.inMemory
	if r, ok := own.ReaderAt(file); ok && (small || s.access == stored.Random && position != part.Start) {
		_, err := b.ReadFrom(&section{io.NewSectionReader(r, part.Start, part.Length), file, part})
		return err
	}
	if position != part.Start {
		if _, err := file.(io.Seeker).Seek(part.Start, io.SeekStart); err != nil {
			return err
		}
	}
	_, err := own.Copy(b, file)
	return err
}

// section reads a part of file, by ReadAt at first. Asking beforehand whether that
// is supported would cost a storage a request.
type section struct {
	io.Reader
	file fs.File
	part rfc9110.Range
}

func (s *section) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	seeker, ok := s.file.(io.Seeker)
	if n > 0 || !ok || !errors.Is(err, errors.ErrUnsupported) {
		return n, err
	}
	if _, err := seeker.Seek(s.part.Start, io.SeekStart); err != nil {
		return 0, err
	}
	s.Reader = io.LimitReader(s.file, s.part.Length)
	return s.Reader.Read(p)
}

// pushFromDisk sends a part of the file on disk. A part that fits the buffer goes
// with the head, in one write; the body leaves most of a larger one to sendfile(2).
func (s *source) pushFromDisk(b *body.Writer, part rfc9110.Range, last bool) error {
	file := s.rep.stored.OnDisk
	if part.Length >= body.BufferSize {
		if err := s.rep.stored.CheckUnchanged(); err != nil {
			return err // while it can still be an error answer
		}
	}
	if _, err := file.Seek(part.Start, io.SeekStart); err != nil {
		return err
	}
	b.FlushInterval = 0 // a file on disk does not pause
	b.Expect(0, part.Start, part.Length, last)
	// The size that the system tells is believed, as sendfile(2) believes it, but
	// for none: files of /proc have content all the same.
	_, err := b.ReadFrom(&io.LimitedReader{R: file, N: max(part.Length, 1)})
	return err
}
