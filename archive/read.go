package archive

import (
	"bytes"
	"io"
)

// read reads on from where a is. With exact, nothing is wanted behind p.
func (a *assembly) read(p []byte, exact bool) (int, error) {
	for a.err == nil && a.part < len(a.starts)-1 {
		n, err := a.readPart(p, exact)
		a.off += int64(n)
		a.err = err
		if n > 0 || err != nil {
			return n, err
		}
		a.leave()
	}
	if a.err != nil {
		return 0, a.err
	}
	return 0, io.EOF
}

// leave moves on to the next part.
func (a *assembly) leave() {
	a.closeSource()
	a.starts[a.part+1] = a.starts[a.part] + a.off // for archives of unknown length
	a.part, a.off = a.part+1, 0
}

// readPart reads on in the part that a is in. Nothing and no error: it ends here.
func (a *assembly) readPart(p []byte, exact bool) (int, error) {
	if err := a.front(); err != nil {
		return 0, err
	}
	off := a.off - int64(len(a.head))
	switch {
	case off < 0:
		return copy(p, a.head[a.off:]), nil
	case a.part >= len(a.entries):
		return 0, nil
	case !a.entries[a.part].isDir():
		if read, err := a.readContent(p, off, exact); read > 0 || err != nil {
			return read, a.failed(a.part, err)
		}
	}
	off -= a.records[a.part].packed
	if a.records[a.part].described() {
		if err := a.sum(a.part); err != nil {
			return 0, err
		}
	}
	a.scratch = a.format.back(a.scratch[:0], a.part)
	return copy(p, a.scratch[min(off, int64(len(a.scratch))):]), nil
}

// front makes, in head, what the part that a is in begins with.
func (a *assembly) front() (err error) {
	if a.headOf == a.part {
		return nil
	}
	if entry := a.format.summed(a.part); entry >= 0 {
		if err := a.sum(entry); err != nil {
			return err
		}
	}
	a.head, err = a.format.front(a.head[:0], a.part)
	a.headOf = a.part
	return err
}

// readContent reads the content of the entry that a is in, from byte off of how it
// is in the archive.
func (a *assembly) readContent(p []byte, off int64, exact bool) (int, error) {
	switch r := &a.records[a.part]; {
	case a.entries[a.part].Size < 0:
		return a.readPacked(p, off)
	case r.size == 0:
		s, err := a.open(a.part, 0)
		if err != nil {
			return 0, err
		}
		return 0, s.finish(false) // it may have content after all
	case off >= r.packed:
		return 0, nil
	case r.method == methodStored:
		return a.readStored(p, off, exact)
	default:
		start, within := placeInBlocks(off)
		if within < blockHeader {
			a.scratch = appendBlockHeader(a.scratch[:0], start, r.size)
			return copy(p, a.scratch[within:]), nil
		}
		within -= blockHeader
		return a.readStored(p[:min(int64(len(p)), blockSize-within)], start+within, exact)
	}
}

// readStored reads the content of the entry that a is in, from byte off.
func (a *assembly) readStored(p []byte, off int64, exact bool) (int, error) {
	if exact && off+int64(len(p)) < a.records[a.part].size {
		s, err := a.openAnywhere(a.part)
		if err != nil {
			return 0, err
		}
		if done, err := s.readAt(p, off); err != nil {
			return 0, err
		} else if done {
			return len(p), nil
		}
	}
	s, err := a.open(a.part, off)
	if err != nil {
		return 0, err
	}
	n, err := s.read(p)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// readPacked reads what the entry of unknown size that a is in is compressed to.
func (a *assembly) readPacked(p []byte, off int64) (int, error) {
	r, k := &a.records[a.part], &a.packer
	if off == 0 && r.packed < 0 {
		*k = packer{}
	}
	for r.packed < 0 {
		if k.out.Len() > 0 {
			return k.out.Read(p)
		}
		if k.ended {
			r.packed, k.out = off, bytes.Buffer{}
			break
		}
		if err := a.pack(); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// pack compresses the next piece of the content.
func (a *assembly) pack() error {
	s, err := a.openAnywhere(a.part)
	if err != nil {
		return err
	}
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	n := 0
	for n < packSize && err == nil {
		var read int
		read, err = s.read(buf[n:packSize])
		n += read
	}
	if err != nil && err != io.EOF {
		return err
	}
	a.packer.pack(buf[:n], err == io.EOF)
	return nil
}

// sum sees to it that the CRC-32 of an entry is known.
func (a *assembly) sum(entry int) error {
	if a.records[entry].known {
		return nil
	}
	s, err := a.openAnywhere(entry)
	if err == nil && !s.whole {
		s, err = a.open(entry, 0)
	}
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	for err == nil {
		_, err = s.read(buf[:])
	}
	a.closeSource()
	if err == io.EOF {
		return nil
	}
	return a.failed(entry, err)
}

// open returns the content of an entry, at byte off.
func (a *assembly) open(entry int, off int64) (*source, error) {
	s, err := a.openAnywhere(entry)
	if err != nil || s.pos == off || s.seek(off) {
		return s, err
	}
	if off < s.pos || s.pos < 0 {
		a.closeSource()
		if s, err = a.openAnywhere(entry); err != nil {
			return nil, err
		}
	}
	return s, s.skip(off)
}

// openAnywhere returns the content of an entry, wherever it stands. Whatever else
// is open is closed before.
func (a *assembly) openAnywhere(entry int) (*source, error) {
	if a.source != nil {
		if a.source.entry == entry {
			return a.source, nil
		}
		a.closeSource()
	}
	file, err := a.entries[entry].Open(a.ctx)
	switch {
	case err != nil:
		return nil, err
	case file == nil:
		return nil, errNoFile
	}
	a.source = &source{ctx: a.ctx, entry: entry, record: &a.records[entry], file: file, whole: !a.records[entry].unused}
	return a.source, a.source.describe()
}

// closeSource closes the entry that is open, if one is.
func (a *assembly) closeSource() {
	if a.source == nil {
		return
	}
	s := a.source
	a.source = nil
	if err := s.file.Close(); err != nil && a.closing == nil {
		// All that was wanted of it was read; Close tells.
		a.closing = a.failed(s.entry, err)
	}
}

// failed says which entry failed.
func (a *assembly) failed(entry int, err error) error {
	if err == nil {
		return nil
	}
	return &EntryError{a.entries[entry].Name, err}
}
