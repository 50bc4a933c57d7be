package archive_test

import (
	"fmt"
	"testing"

	"github.com/go-downloadview/downloadview/archive"
)

// The numbers of the ZIP format end at 32 and 16 bits. Where they end, and beyond,
// is where archives go wrong.

// needBig skips what takes minutes; .ci/run gives the flag.
func needBig(t *testing.T) {
	t.Helper()
	if !*big {
		t.Skip("takes minutes: go test ./archive -big -timeout 30m")
	}
}

func TestBigEntries(t *testing.T) {
	needBig(t)
	const limit = 1<<32 - 1
	for _, tt := range []struct {
		known bool
		sizes []int64
	}{
		{true, []int64{1, limit - 1, 5e9, 1, limit}},
		{false, []int64{1, limit + 1, 1}},
	} {
		t.Run(fmt.Sprintf("CRC-32 known=%v", tt.known), func(t *testing.T) {
			var entries []archive.Entry
			for i, size := range tt.sizes {
				entries = append(entries, zeros(i, size, tt.known))
			}
			checkReaders(t, entries)
		})
	}
}

// In an entry of 2³²−1 bytes, each size is the number that says "look into the Zip64
// field". Info-ZIP 6.0 does, but then takes that number for one more request to look
// there, and does not find the entries that follow. There is no form that it and
// others read; the one here is that of APPNOTE.
func TestEntryOfJustTheLimit(t *testing.T) {
	needBig(t)
	checkReaders(t, []archive.Entry{zeros(0, 1, true), zeros(1, 1<<32-1, true), zeros(2, 1, true)}, "unzip")
}

// What is compressed turns out to be longer than 4 GiB when its header, which would
// have to say so, was sent. Whoever goes by the directory reads it. A header that
// says so just in case would make Java's ZipInputStream refuse all that is shorter.
func TestBigEntryOfUnknownSize(t *testing.T) {
	needBig(t)
	e := zeros(0, 5e9, false)
	e.Size = -1
	checkReaders(t, []archive.Entry{e, zeros(1, 1, false)}, "bsdtar, from a pipe")
}

func manyEntries(n int) []archive.Entry {
	entries := make([]archive.Entry, n)
	for i := range entries {
		entries[i] = zeros(i, 3, i%2 == 0)
	}
	return entries
}

func TestManyEntries(t *testing.T) {
	for _, n := range []int{1<<16 - 2, 1<<16 - 1, 1 << 16, 70_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			entries := manyEntries(n)
			if *big {
				checkReaders(t, entries)
			} else if got := len(readBack(t, whole(t, entries))); got != n {
				t.Errorf("%d entries, want %d", got, n)
			}
		})
	}
}
