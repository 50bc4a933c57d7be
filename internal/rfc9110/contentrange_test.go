package rfc9110_test

import (
	"testing"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

func TestParseContentRange(t *testing.T) {
	for _, tt := range []struct {
		reason string
		value  string
		want   rfc9110.Range
		size   int64 // -1: not usable
	}{
		{"a part", "bytes 5-14/36", rfc9110.Range{Start: 5, Length: 10}, 36},
		{"all of it", "bytes 0-35/36", rfc9110.Range{Start: 0, Length: 36}, 36},
		{"units are case-insensitive", "Bytes 0-0/1", rfc9110.Range{Start: 0, Length: 1}, 1},
		{"none of it", "bytes */36", rfc9110.Range{}, 36},
		{"of an empty file", "bytes */0", rfc9110.Range{}, 0},

		{"nothing", "", rfc9110.Range{}, -1},
		{"no unit", "5-14/36", rfc9110.Range{}, -1},
		{"the unit of Range", "bytes=5-14/36", rfc9110.Range{}, -1},
		{"another unit", "lines 5-14/36", rfc9110.Range{}, -1},
		{"two blanks", "bytes  5-14/36", rfc9110.Range{}, -1},
		{"of an unknown length", "bytes 5-14/*", rfc9110.Range{}, -1},
		{"no length", "bytes 5-14", rfc9110.Range{}, -1},
		{"backward", "bytes 14-5/36", rfc9110.Range{}, -1},
		{"net/http's last 0 bytes", "bytes 36-35/36", rfc9110.Range{}, -1},
		{"beyond the end", "bytes 5-36/36", rfc9110.Range{}, -1},
		{"a sign", "bytes +5-14/36", rfc9110.Range{}, -1},
		{"open", "bytes 5-/36", rfc9110.Range{}, -1},
		{"a suffix", "bytes -5/36", rfc9110.Range{}, -1},
		{"larger than any file", "bytes 0-1/99999999999999999999", rfc9110.Range{}, -1},
		{"two", "bytes 0-1,5-6/36", rfc9110.Range{}, -1},
	} {
		part, size, ok := rfc9110.ParseContentRange(tt.value)
		if part != tt.want || size != tt.size || ok != (tt.size >= 0) {
			t.Errorf("%s: ParseContentRange(%q) = %v, %d, %v; want %v, %d", tt.reason, tt.value, part, size, ok, tt.want, tt.size)
		}
	}
}

// What is written is read again: a range of a request, and the part that answers it.
func FuzzRangesRoundTrip(f *testing.F) {
	for _, tt := range rangeTests {
		f.Add(tt.value, int64(36))
	}
	f.Fuzz(func(t *testing.T, value string, size int64) {
		specs, _ := rfc9110.ParseRanges(value)
		for _, spec := range specs {
			again, ok := rfc9110.ParseRanges(spec.String())
			if !ok || len(again) != 1 || again[0].In(size) != spec.In(size) {
				t.Fatalf("%q of %q means %v", spec, value, again)
			}
			part := spec.In(size)
			if size < 1 || part.Length < 1 {
				continue
			}
			got, gotSize, ok := rfc9110.ParseContentRange(part.ContentRange(size))
			if ok != (size < 1<<63-1) || ok && (got != part || gotSize != size) {
				t.Fatalf("%v of %d is read as %v of %d", part, size, got, gotSize)
			}
		}
	})
}
