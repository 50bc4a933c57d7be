package archive

import (
	"errors"
	"io"
)

// read reads on from where z is. With exact, nothing is wanted behind p.
func (z *Zip) read(p []byte, exact bool) (int, error) {
	for z.err == nil && z.part < z.parts() {
		n, err := z.readPart(p, exact)
		z.off += int64(n)
		z.err = err
		if n > 0 || err != nil {
			return n, err
		}
		z.leave()
	}
	if z.err != nil {
		return 0, z.err
	}
	return 0, io.EOF
}

// leave moves on to the next part.
func (z *Zip) leave() {
	z.closeSource()
	z.starts[z.part+1] = z.starts[z.part] + z.off // for archives of unknown length
	z.part, z.off = z.part+1, 0
}

// readPart reads on in the part that z is in. Nothing and no error: it ends here.
func (z *Zip) readPart(p []byte, exact bool) (int, error) {
	n := len(z.entries)
	if z.part >= n && z.part < 2*n {
		if err := z.sum(z.part - n); err != nil {
			return 0, err
		}
	}
	z.front(z.part)
	off := z.off - int64(len(z.scratch))
	switch {
	case off < 0:
		return copy(p, z.scratch[z.off:]), nil
	case z.part >= n || z.entries[z.part].isDir():
		return 0, nil
	}
	if read, err := z.readContent(p, off, exact); read > 0 || err != nil {
		return read, z.failed(z.part, err)
	}
	off -= z.records[z.part].packed
	if z.records[z.part].described() {
		if err := z.sum(z.part); err != nil {
			return 0, err
		}
	}
	z.back(z.part)
	return copy(p, z.scratch[min(off, int64(len(z.scratch))):]), nil
}

// readContent reads the content of the entry that z is in, from byte off of how it
// is in the archive.
func (z *Zip) readContent(p []byte, off int64, exact bool) (int, error) {
	switch r := &z.records[z.part]; {
	case z.entries[z.part].Size < 0:
		return z.readDeflated(p, off)
	case r.size == 0:
		s, err := z.open(z.part, 0)
		if err != nil {
			return 0, err
		}
		return 0, s.finish(false) // it may have content after all
	case off >= r.packed:
		return 0, nil
	case r.method == methodStored:
		return z.readStored(p, off, exact)
	default:
		start, within := placeInBlocks(off)
		if within < blockHeader {
			z.scratch = appendBlockHeader(z.scratch[:0], start, r.size)
			return copy(p, z.scratch[within:]), nil
		}
		within -= blockHeader
		return z.readStored(p[:min(int64(len(p)), blockSize-within)], start+within, exact)
	}
}

// readStored reads the content of the entry that z is in, from byte off.
func (z *Zip) readStored(p []byte, off int64, exact bool) (int, error) {
	if exact && off+int64(len(p)) < z.records[z.part].size {
		s, err := z.openAnywhere(z.part)
		if err != nil {
			return 0, err
		}
		if done, err := s.readAt(p, off); err != nil {
			return 0, err
		} else if done {
			return len(p), nil
		}
	}
	s, err := z.open(z.part, off)
	if err != nil {
		return 0, err
	}
	n, err := s.read(p)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// readDeflated reads what the entry of unknown size that z is in is compressed to.
func (z *Zip) readDeflated(p []byte, off int64) (int, error) {
	r := &z.records[z.part]
	if off == 0 && r.packed < 0 {
		if z.deflater == nil {
			z.deflater = newDeflater()
		}
		z.deflater.reset()
	}
	for d := z.deflater; r.packed < 0; {
		if d.out.Len() > 0 {
			return d.out.Read(p)
		}
		if d.ended {
			r.packed = off
			break
		}
		s, err := z.openAnywhere(z.part)
		if err != nil {
			return 0, err
		}
		n, err := s.read(z.buffer())
		if err != nil && err != io.EOF {
			return 0, err
		}
		d.add(z.buffer()[:n], err == io.EOF)
	}
	return 0, nil
}

// sum sees to it that the CRC-32 of an entry is known.
func (z *Zip) sum(entry int) error {
	if z.records[entry].summed {
		return nil
	}
	s, err := z.open(entry, 0)
	for err == nil {
		_, err = s.read(z.buffer())
	}
	z.closeSource()
	if err == io.EOF {
		return nil
	}
	return z.failed(entry, err)
}

// open returns the content of an entry, at byte off.
func (z *Zip) open(entry int, off int64) (*source, error) {
	s, err := z.openAnywhere(entry)
	if err != nil || s.pos == off || s.seek(off) {
		return s, err
	}
	if off < s.pos {
		z.closeSource()
		if s, err = z.openAnywhere(entry); err != nil {
			return nil, err
		}
	}
	return s, s.skip(off, z.buffer())
}

// openAnywhere returns the content of an entry, wherever it stands. Whatever else
// is open is closed before.
func (z *Zip) openAnywhere(entry int) (*source, error) {
	if z.source != nil {
		if z.source.index == entry {
			return z.source, nil
		}
		z.closeSource()
	}
	file, err := z.entries[entry].Open()
	switch {
	case err != nil:
		return nil, err
	case file == nil:
		return nil, errors.New("neither a file nor an error came from Open")
	}
	z.source = &source{index: entry, record: &z.records[entry], ctx: z.Context, file: file, whole: true}
	return z.source, z.source.describe()
}

// closeSource closes the entry that is open, if one is.
func (z *Zip) closeSource() {
	if z.source == nil {
		return
	}
	s := z.source
	z.source = nil
	if err := s.file.Close(); err != nil && z.closing == nil {
		// All that was wanted of it was read; Close tells.
		z.closing = z.failed(s.index, err)
	}
}

func (z *Zip) buffer() []byte {
	if z.buf == nil {
		z.buf = make([]byte, 64<<10)
	}
	return z.buf
}

// failed says which entry failed.
func (z *Zip) failed(entry int, err error) error {
	if err == nil {
		return nil
	}
	return &EntryError{z.entries[entry].Name, err}
}
