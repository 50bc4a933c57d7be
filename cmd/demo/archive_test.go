package main

import (
	"archive/zip"
	"flag"
	"hash/crc32"
	"io"
	"testing"
)

// TestArchive reads the archive, which is nowhere, as if it were here: by ranges.
func TestArchive(t *testing.T) {
	view, err := NewArchiveDownloadView()
	if err != nil {
		t.Fatal(err)
	}
	srv := newTestServer(t)
	resp, _ := get(t, srv.URL+"/demo.zip", map[string][]string{"Range": {"bytes=0-0"}})
	file, err := view.GetFile(resp.Request)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() < 300_000_000 {
		t.Errorf("%d bytes, want more than 300 MB", info.Size())
	}
	r, err := zip.NewReader(file.(io.ReaderAt), info.Size())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File[:len(r.File)-1] {
		if f.FileInfo().IsDir() {
			continue
		}
		content, err := r.Open(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, content); err != nil { // with its CRC-32
			t.Errorf("%s: %v", f.Name, err)
		}
		content.Close()
	}
}

var all = flag.Bool("big", false, "compute all samples of the tone, for some seconds")

// TestToneCRC32 computes what the archive takes for granted. .ci/run gives the
// flag that it needs.
func TestToneCRC32(t *testing.T) {
	if !*all {
		t.Skip("takes seconds, and a minute with the race detector: go test ./cmd/demo -big")
	}
	h := crc32.NewIEEE()
	if _, err := io.Copy(h, io.NewSectionReader(tone{}, 0, toneSize)); err != nil {
		t.Fatal(err)
	}
	if got := h.Sum32(); got != toneCRC32 {
		t.Errorf("the CRC-32 is %#x, not %#x", got, toneCRC32)
	}
}
