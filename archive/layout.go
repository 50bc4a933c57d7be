package archive

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"runtime"
	"sort"
	"strconv"
)

// An archive of n entries has 2n+1 parts. Each begins with bytes that are made of
// what is known, its front. Those of entries have content, and bytes behind it.
//
//	0 … n-1    entry: local header, content, data descriptor if it has one
//	n … 2n-1   its header in the central directory
//	2n         the end of the central directory
//
// Both the length and the bytes of an archive come from front, record.packed and
// back, so they cannot differ.

// layoutVersion is part of every entity tag. It changes with the bytes that an
// archive of given entries has; the golden archives of the tests show when.
const layoutVersion = "downloadview zip 1"

// maxLength is the longest archive. No sum below it overflows.
const maxLength = 1 << 60

// layOut fills records and starts, and makes size and entity tag. It opens nothing.
func (z *Zip) layOut() error {
	hash := sha256.New()
	io.WriteString(hash, layoutVersion)
	versioned, sized := true, true
	for i := range z.entries {
		e := &z.entries[i]
		z.records[i] = newRecord(e)
		versioned = versioned && e.isVersioned()
		sized = sized && z.records[i].size >= 0
		io.WriteString(hash, strconv.Quote(e.ETag))
		if !e.ModTime.IsZero() {
			io.WriteString(hash, strconv.FormatInt(e.ModTime.UnixNano(), 36)) // headers have whole seconds
		}
	}
	for part := range z.parts() {
		z.front(part)
		hash.Write(z.scratch)
		length := int64(len(z.scratch))
		if part < len(z.entries) {
			length += max(z.records[part].packed, 0)
			z.back(part)
			length += int64(len(z.scratch))
		}
		if length > maxLength-z.starts[part] {
			return &EntryError{z.entries[min(part, len(z.entries)-1)].Name, errors.New("the archive is too long with it")}
		}
		z.starts[part+1] = z.starts[part] + length
	}
	if z.size = z.starts[z.parts()]; !sized {
		z.size = -1
		io.WriteString(hash, runtime.Version()) // each may compress in a way of its own
	}
	if versioned {
		z.etag = `"` + base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:16]) + `"`
	}
	return nil
}

// newRecord returns what the headers say of e.
func newRecord(e *Entry) record {
	switch {
	case e.isDir():
		return record{method: methodStored, summed: true}
	case e.Size < 0:
		return record{method: methodDeflate, summed: e.knowsCRC(), crc: e.CRC32, size: -1, packed: -1}
	case e.knowsCRC():
		return record{method: methodStored, summed: true, crc: e.CRC32, size: e.Size, packed: min(e.Size, maxLength)}
	}
	return record{method: methodDeflate, size: e.Size, packed: blocksLength(min(e.Size, maxLength))}
}

func (z *Zip) parts() int { return 2*len(z.entries) + 1 }

// front makes, in scratch, what the part begins with.
func (z *Zip) front(part int) {
	b, n := z.scratch[:0], len(z.entries)
	switch {
	case part < n:
		b = appendLocal(b, &z.entries[part], &z.records[part], z.starts[part])
	case part < 2*n:
		b = appendCentral(b, &z.entries[part-n], &z.records[part-n], z.starts[part-n])
	default:
		b = appendEnd(b, n, z.starts[n], z.starts[2*n])
	}
	z.scratch = b
}

// back makes, in scratch, what follows the content of an entry.
func (z *Zip) back(entry int) {
	z.scratch = z.scratch[:0]
	if z.records[entry].described() {
		z.scratch = appendDescriptor(z.scratch, &z.records[entry])
	}
}

// moveTo moves to byte off of the archive, whose length is known.
func (z *Zip) moveTo(off int64) {
	z.part = sort.Search(z.parts(), func(part int) bool { return z.starts[part+1] > off })
	z.off = off - z.starts[z.part]
}
