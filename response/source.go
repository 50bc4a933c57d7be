package response

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"slices"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/body"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// access is how a part of a file can be had.
type access int

const (
	sequential access = iota // from the beginning only
	seekable                 // by io.Seeker
	random                   // by io.ReaderAt
)

// source is the file that rep describes, as that which parts of the content come
// from.
type source struct {
	rep      *representation
	access   access
	position int64 // where the file stands; -1: not known
	inMemory bool  // it needs no buffer on its way
}

// init learns how parts of what rep describes can be had. Content of unknown size
// has none, and is sent from where the file stands: its Seek may be that of a file
// inside, of which it has decompressed the beginning already.
func (s *source) init(rep *representation) {
	s.rep = rep
	if rep.onDisk != nil {
		s.access = random
		return
	}
	if rep.size >= 0 {
		s.access, s.position = accessOf(rep.file)
	}
	s.inMemory = isInMemory(rep.file)
}

// accessOf asks file by calls that change nothing: wrappers have methods that
// what they wrap cannot carry out, and so has a pipe. It returns where file
// stands, which is its beginning unless somebody has read from it.
func accessOf(file fs.File) (access, int64) {
	if s, ok := file.(io.Seeker); ok {
		position, err := s.Seek(0, io.SeekCurrent)
		if err == nil {
			return seekable, position
		}
		if !errors.Is(err, errors.ErrUnsupported) {
			return sequential, 0 // a pipe, whose ReadAt(nil, 0) succeeds
		}
	}
	if canReadAt(file) {
		return random, 0
	}
	return sequential, 0
}

func canReadAt(file fs.File) bool {
	r, ok := files.AsReaderAt(file)
	if !ok {
		return false
	}
	_, err := r.ReadAt(nil, 0)
	return !errors.Is(err, errors.ErrUnsupported)
}

// canSend reports whether the ranges can be sent in their order. What is produced
// from its beginning on takes no step backward: it would have to be produced a
// second time, and a sequence may be good for one.
func (s *source) canSend(ranges []rfc9110.Range) bool {
	return s.access != sequential ||
		slices.IsSortedFunc(ranges, func(a, b rfc9110.Range) int { return cmp.Compare(a.Start, b.Start) })
}

// open gives b a buffer if the content needs one.
func (s *source) open(b *body.Writer) {
	if !s.inMemory {
		b.Open()
	}
}

// send has the file push one part of its content into b. next are sections that a
// sequential file is to produce in the same go. The last byte of the part has not
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
	return s.rep.checkUnchanged()
}

// push brings the file to where the part starts, and makes it push.
func (s *source) push(b *body.Writer, part rfc9110.Range, last bool, next []body.Section) error {
	if s.rep.onDisk != nil {
		return s.pushFromDisk(b, part, last)
	}
	position := s.position
	s.position = -1 // nobody knows any more
	s.open(b)
	if s.access == sequential {
		b.Expect(part.Start, part.Start, part.Length, last, next...)
		return pushRest(b, s.rep.file)
	}
	b.Expect(0, part.Start, part.Length, last)
	// A storage asks for no more than a small part if it is told at once how
	// much that is, instead of for all that follows.
	small := part.Length <= body.BufferSize && part.Length < s.rep.size && !s.inMemory && canReadAt(s.rep.file)
	switch {
	case s.access == random && position != part.Start, small:
		r, _ := files.AsReaderAt(s.rep.file)
		_, err := b.ReadFrom(io.NewSectionReader(r, part.Start, part.Length))
		return err
	case position != part.Start:
		if _, err := s.rep.file.(io.Seeker).Seek(part.Start, io.SeekStart); err != nil {
			return err
		}
	}
	return pushRest(b, s.rep.file)
}

// pushRest makes file push what comes next in it.
func pushRest(b *body.Writer, file fs.File) error {
	if wt, ok := files.AsWriterTo(file); ok {
		_, err := wt.WriteTo(b)
		return err
	}
	_, err := b.ReadFrom(file)
	return err
}

// lastStretch is how much of a file goes through the buffer after sendfile(2)
// has sent the rest, so that the last byte can be held back. It is not as little
// as it could be: a small packet more costs more than a large one less saves.
const lastStretch = 48 << 10

// pushFromDisk sends a part of the file on disk. What is less than the buffer
// goes with the head, in one write; of more, all but the end is left to the
// http.ResponseWriter's ReadFrom, which net/http carries out with sendfile(2).
func (s *source) pushFromDisk(b *body.Writer, part rfc9110.Range, last bool) error {
	file := s.rep.onDisk
	if rf, ok := files.AsReaderFrom(b.Response); ok && part.Length >= body.BufferSize {
		if err := s.rep.checkUnchanged(); err != nil {
			return err // while it can still be an error answer
		}
		if _, err := file.Seek(part.Start, io.SeekStart); err != nil {
			return err
		}
		n := part.Length - lastStretch
		if err := b.SendFrom(rf, file, n); err != nil {
			return err
		}
		part = rfc9110.Range{Start: part.Start + n, Length: lastStretch}
	}
	b.Open()
	b.FlushInterval = 0 // a file on disk does not pause
	b.Expect(0, part.Start, part.Length, last)
	// The size that the system tells is believed, as sendfile(2) believes it, but
	// for none: files of /proc have content all the same.
	_, err := b.ReadFrom(io.NewSectionReader(file, part.Start, max(part.Length, 1)))
	return err
}
