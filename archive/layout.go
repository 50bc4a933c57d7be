package archive

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"sort"

	"github.com/zeebo/xxh3"
)

// An archive is a sequence of parts. The first are its entries, one part each:
// bytes that are made of the fields of the entry, the front; content; and bytes
// behind it, the back. Parts after the entries have a front only.
//
// Both the length and the bytes of an archive come from front, record.packed and
// back, so they cannot differ.

// maxLength is the longest archive. No sum below it overflows.
const maxLength = 1 << 60

// init lays the archive out: it fills records and starts, and makes size and
// entity tag. It opens nothing.
func (a *assembly) init(ctx context.Context, f format, name string, entries []Entry) error {
	if err := checkEntries(entries); err != nil {
		return err
	}
	n := len(entries)
	*a = assembly{
		ctx: ctx, format: f, name: name, entries: entries, headOf: -1,
		records: make([]record, n),
		starts:  make([]int64, f.parts(n)+1),
	}
	hash := xxh3.New() // of the fronts of entries, and of the fields that are not in them
	_, _ = hash.WriteString(f.version())
	versioned, sized := true, true
	for i := range entries {
		e := &entries[i]
		a.records[i] = f.record(e)
		versioned = versioned && e.isVersioned()
		sized = sized && a.records[i].size >= 0
	}
	var b []byte
	for part := range f.parts(n) {
		var err error
		if b, err = f.front(b[:0], part); err != nil {
			return &EntryError{entries[part].Name, err}
		}
		length := int64(len(b))
		if part < n {
			e, r := &entries[part], &a.records[part]
			b = le.AppendUint64(b, uint64(r.size))
			b = le.AppendUint32(b, r.crc)
			b = le.AppendUint16(b, uint16(e.permissions()))
			b = binary.AppendUvarint(b, uint64(len(e.ETag)))
			b = append(b, e.ETag...)
			b = le.AppendUint64(b, uint64(e.ModTime.Unix()))
			b = le.AppendUint32(b, uint32(e.ModTime.Nanosecond()))
			_, _ = hash.Write(b)
			b = f.back(b[:0], part)
			length += max(r.packed, 0) + int64(len(b))
		}
		if length > maxLength-a.starts[part] {
			return &EntryError{entries[min(part, n-1)].Name, errors.New("the archive is too long with it")}
		}
		a.starts[part+1] = a.starts[part] + length
	}
	if a.size = a.starts[f.parts(n)]; !sized {
		a.size = -1
		_, _ = hash.WriteString(packerVersion())
	}
	if versioned {
		sum := hash.Sum128().Bytes()
		a.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`
	}
	return nil
}

// moveTo moves to byte off of the archive, whose length is known.
func (a *assembly) moveTo(off int64) {
	parts := len(a.starts) - 1
	a.part = sort.Search(parts, func(part int) bool { return a.starts[part+1] > off })
	a.off = off - a.starts[a.part]
}
