package archive

import (
	"encoding/binary"
	"math"
	"time"
)

// The headers of the ZIP format. Sections mean APPNOTE.TXT 6.3.10, and
// all numbers are little-endian.
const (
	localSignature      = 0x04034b50 // 4.3.7
	descriptorSignature = 0x08074b50 // 4.3.9
	centralSignature    = 0x02014b50 // 4.3.12
	end64Signature      = 0x06064b50 // 4.3.14
	locatorSignature    = 0x07064b50 // 4.3.15
	endSignature        = 0x06054b50 // 4.3.16

	version20 = 20               // needed for directories and DEFLATE, 4.4.3
	version45 = 45               // needed for Zip64
	madeBy    = 3<<8 | version45 // 3: Unix, whose modes are in the external attributes, 4.4.2

	flagDescriptor = 1 << 3  // 4.4.4
	flagUTF8       = 1 << 11 // all names are UTF-8

	methodStored  = 0 // 4.4.5
	methodDeflate = 8

	extraZip64     = 0x0001 // 4.5.3
	extraTimestamp = 0x5455 // 4.6.1; its layout is in Info-ZIP's extrafld.txt

	// A field with this value says: look into the Zip64 extra field (4.4.8). So
	// a size of just as much must be there, too.
	max32 = math.MaxUint32
	max16 = math.MaxUint16
)

var le = binary.LittleEndian

// record is what the headers say of the content of an entry.
type record struct {
	method uint16
	known  bool // crc is the CRC-32 of the content
	unused bool // nothing needs the CRC-32
	crc    uint32
	size   int64 // -1: not known yet
	packed int64 // how long it is in the archive; -1: not known yet
}

// described reports whether a data descriptor follows the content. DEFLATE has
// one, and nothing else: readers of a stream need to see by themselves where the
// content ends (4.4.4).
func (r *record) described() bool { return r.method == methodDeflate }

// wide reports whether sizes need the 8 bytes of Zip64.
func (r *record) wide() bool { return r.size >= max32 || r.packed >= max32 }

func (r *record) version(offset int64) uint16 {
	if r.wide() || offset >= max32 {
		return version45 // also where it is the central directory that needs it
	}
	return version20
}

func (r *record) flags() uint16 {
	if r.described() {
		return flagUTF8 | flagDescriptor
	}
	return flagUTF8
}

// appendLocal appends the local file header of e, which is at offset (4.3.7).
func appendLocal(b []byte, e *Entry, r *record, offset int64) []byte {
	crc, size, packed := r.crc, r.size, r.packed
	wide := r.wide() && e.Size >= 0 // an unknown size may turn out to be
	if r.described() {
		crc, size, packed = 0, 0, 0 // 4.4.4; some readers refuse anything else
	}
	b = le.AppendUint32(b, localSignature)
	b = le.AppendUint16(b, r.version(offset))
	b = appendCommon(b, e, r, crc)
	if wide {
		b = le.AppendUint64(b, max32<<32|max32)
	} else {
		b = le.AppendUint32(b, uint32(packed))
		b = le.AppendUint32(b, uint32(size))
	}
	b = le.AppendUint16(b, uint16(len(e.Name)))
	lengthAt := len(b)
	b = le.AppendUint16(b, 0)
	b = append(b, e.Name...)
	extraAt := len(b)
	if wide {
		// Both sizes must be there (4.5.3), and of a described entry, too: it is
		// how a reader knows that sizes in the descriptor have 8 bytes (4.3.9.2).
		b = appendZip64(b, size, packed)
	}
	b = appendTimestamp(b, e.ModTime)
	le.PutUint16(b[lengthAt:], uint16(len(b)-extraAt))
	return b
}

// appendDescriptor appends the data descriptor (4.3.9).
func appendDescriptor(b []byte, r *record) []byte {
	b = le.AppendUint32(b, descriptorSignature)
	b = le.AppendUint32(b, r.crc)
	if r.wide() {
		b = le.AppendUint64(b, uint64(r.packed))
		return le.AppendUint64(b, uint64(r.size))
	}
	b = le.AppendUint32(b, uint32(r.packed))
	return le.AppendUint32(b, uint32(r.size))
}

// appendCentral appends the header that e has in the central directory (4.3.12);
// its local header is at offset.
func appendCentral(b []byte, e *Entry, r *record, offset int64) []byte {
	b = le.AppendUint32(b, centralSignature)
	b = le.AppendUint16(b, madeBy)
	b = le.AppendUint16(b, r.version(offset))
	b = appendCommon(b, e, r, r.crc)
	b = le.AppendUint32(b, uint32(min(r.packed, max32)))
	b = le.AppendUint32(b, uint32(min(r.size, max32)))
	b = le.AppendUint16(b, uint16(len(e.Name)))
	lengthAt := len(b)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, 0) // no comment
	b = le.AppendUint16(b, 0) // the only disk
	b = le.AppendUint16(b, 0) // internal attributes: nothing about the content
	b = le.AppendUint32(b, attributes(e))
	b = le.AppendUint32(b, uint32(min(offset, max32)))
	b = append(b, e.Name...)
	extraAt := len(b)
	// What does not fit its field, and nothing else, in this order (4.5.3).
	var beyond [3]int64
	n := 0
	for _, v := range [...]int64{r.size, r.packed, offset} {
		if v >= max32 {
			beyond[n] = v
			n++
		}
	}
	if n > 0 {
		b = appendZip64(b, beyond[:n]...)
	}
	b = appendTimestamp(b, e.ModTime)
	le.PutUint16(b[lengthAt:], uint16(len(b)-extraAt))
	return b
}

// appendCommon appends what local and central headers have in common.
func appendCommon(b []byte, e *Entry, r *record, crc uint32) []byte {
	date, clock := dosTime(e.ModTime)
	b = le.AppendUint16(b, r.flags())
	b = le.AppendUint16(b, r.method)
	b = le.AppendUint16(b, clock)
	b = le.AppendUint16(b, date)
	return le.AppendUint32(b, crc)
}

// appendZip64 appends a Zip64 extra field. It is the first of the extra fields:
// some readers look no further.
func appendZip64(b []byte, values ...int64) []byte {
	b = le.AppendUint16(b, extraZip64)
	b = le.AppendUint16(b, uint16(8*len(values)))
	for _, v := range values {
		b = le.AppendUint64(b, uint64(v))
	}
	return b
}

// appendTimestamp appends the extra field with the time in Unix seconds, if there
// is one that fits.
func appendTimestamp(b []byte, t time.Time) []byte {
	seconds := t.Unix()
	if t.IsZero() || seconds != int64(int32(seconds)) {
		return b
	}
	b = le.AppendUint16(b, extraTimestamp)
	b = le.AppendUint16(b, 5)
	b = append(b, 1) // modification time only
	return le.AppendUint32(b, uint32(seconds))
}

// appendEnd appends the end of the archive. The central directory, with so many
// headers, is from start to end.
func appendEnd(b []byte, count int, start, end int64) []byte {
	size := end - start
	if count >= max16 || size >= max32 || start >= max32 {
		b = le.AppendUint32(b, end64Signature) // 4.3.14
		b = le.AppendUint64(b, 44)             // of the rest
		b = le.AppendUint16(b, madeBy)
		b = le.AppendUint16(b, version45)
		b = le.AppendUint64(b, 0) // the only disk, twice
		b = le.AppendUint64(b, uint64(count))
		b = le.AppendUint64(b, uint64(count))
		b = le.AppendUint64(b, uint64(size))
		b = le.AppendUint64(b, uint64(start))

		b = le.AppendUint32(b, locatorSignature) // 4.3.15
		b = le.AppendUint32(b, 0)
		b = le.AppendUint64(b, uint64(end))
		b = le.AppendUint32(b, 1) // disks
	}
	b = le.AppendUint32(b, endSignature) // 4.3.16
	b = le.AppendUint32(b, 0)            // the only disk, twice
	b = le.AppendUint16(b, uint16(min(count, max16)))
	b = le.AppendUint16(b, uint16(min(count, max16)))
	b = le.AppendUint32(b, uint32(min(size, max32)))
	b = le.AppendUint32(b, uint32(min(start, max32)))
	return le.AppendUint16(b, 0) // no comment
}

// attributes returns the external attributes of e (4.4.15): the mode of Unix, and
// in the low bits the attribute that DOS has for a directory.
func attributes(e *Entry) uint32 {
	const regular, directory, dosDirectory = 0o100000, 0o040000, 0x10
	if e.isDir() {
		return (directory|uint32(e.permissions()))<<16 | dosDirectory
	}
	return (regular | uint32(e.permissions())) << 16
}

// dosTime returns t as DOS has it (4.4.6), the nearest that it has. DOS means
// local time, and the server knows none. So it is UTC, and the same bytes on all
// machines.
func dosTime(t time.Time) (date, clock uint16) {
	t = t.UTC()
	switch year := t.Year(); {
	case year < 1980:
		return 1<<5 | 1, 0 // 0 would be no date
	case year > 2107:
		t = time.Date(2107, time.December, 31, 23, 59, 59, 0, time.UTC)
	}
	date = uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day())
	return date, uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
}
