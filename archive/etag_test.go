package archive_test

import (
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/archive"
)

func TestWhichHaveATag(t *testing.T) {
	w := new(watch)
	for _, tt := range []struct {
		reason string
		k      kind
		change func(e *archive.Entry)
		want   bool
	}{
		{"a strong tag", kind{size: true, tag: true}, nil, true},
		{"a weak tag", kind{size: true}, func(e *archive.Entry) { e.ETag = `W/"1"` }, false},
		{"a CRC-32", kind{size: true, crc: true}, nil, true},
		{"time and size", kind{size: true, time: true}, nil, true},
		{"a weak tag, time and size", kind{size: true, time: true}, func(e *archive.Entry) { e.ETag = `W/"1"` }, true},
		{"only the size", kind{size: true}, nil, false},
		{"only the time", kind{time: true}, nil, false},
		{"a strong tag, no size", kind{tag: true}, nil, true},
		{"the first second of Unix is no time", kind{size: true}, func(e *archive.Entry) { e.ModTime = time.Unix(0, 0) }, false},
		{"the first of DOS is none", kind{size: true}, func(e *archive.Entry) { e.ModTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }, false},
		{"nor is the second day, anywhere", kind{size: true}, func(e *archive.Entry) { e.ModTime = time.Date(1980, 1, 2, 23, 59, 59, 0, time.UTC) }, false},
		{"the third is", kind{size: true}, func(e *archive.Entry) { e.ModTime = time.Date(1980, 1, 3, 0, 0, 0, 0, time.UTC) }, true},
		{"nothing is in it", kind{size: true}, func(e *archive.Entry) { e.Size = 0 }, true},
		{"a directory", kind{}, func(e *archive.Entry) { *e = archive.Entry{Name: "a/"} }, true},
	} {
		e := w.entry("a", text(10), tt.k)
		if tt.change != nil {
			tt.change(&e)
		}
		entries := []archive.Entry{w.entry("known", text(10), kind{size: true, crc: true}), e}
		if _, tag := describe(t, newZip(t, entries)); (tag != "") != tt.want {
			t.Errorf("%s: tag %q, want one: %v", tt.reason, tag, tt.want)
		}
	}
}

// The tag changes with whatever changes in an archive, and with nothing else.
func TestTagChanges(t *testing.T) {
	entries := func() []archive.Entry { return mixed(new(watch)) }
	_, tag := describe(t, newZip(t, entries()))
	if _, again := describe(t, newZip(t, entries())); again != tag {
		t.Errorf("tags %s and %s for the same entries", tag, again)
	}
	seen := map[string]string{tag: "nothing"}
	for _, tt := range []struct {
		reason string
		change func(e []archive.Entry) []archive.Entry
	}{
		{"a name", func(e []archive.Entry) []archive.Entry { e[0].Name = "other"; return e }},
		{"a size", func(e []archive.Entry) []archive.Entry { e[0].Size++; return e }},
		{"a size of what is not known", func(e []archive.Entry) []archive.Entry { e[4].Size++; return e }},
		{"a CRC-32", func(e []archive.Entry) []archive.Entry { e[0].CRC32++; return e }},
		{"no CRC-32", func(e []archive.Entry) []archive.Entry { e[0].CRC32 = 0; return e }},
		{"a tag", func(e []archive.Entry) []archive.Entry { e[2].ETag = `"other"`; return e }},
		{"a tag elsewhere", func(e []archive.Entry) []archive.Entry { e[0].ETag = `"other"`; return e }},
		{"a time", func(e []archive.Entry) []archive.Entry { e[0].ModTime = modTime.Add(time.Hour); return e }},
		{"less than a second", func(e []archive.Entry) []archive.Entry { e[0].ModTime = modTime.Add(1); return e }},
		{"the time of a directory", func(e []archive.Entry) []archive.Entry { e[1].ModTime = modTime.Add(2); return e }},
		{"a mode", func(e []archive.Entry) []archive.Entry { e[0].Mode = 0o600; return e }},
		{"the order", func(e []archive.Entry) []archive.Entry { e[0], e[5] = e[5], e[0]; return e }},
		{"one less", func(e []archive.Entry) []archive.Entry { return e[:5] }},
		{"one more", func(e []archive.Entry) []archive.Entry { return append(e, archive.Entry{Name: "new/"}) }},
		{"no length", func(e []archive.Entry) []archive.Entry { e[2].Size = -1; return e }},
	} {
		_, got := describe(t, newZip(t, tt.change(entries())))
		if other, found := seen[got]; found || got == "" {
			t.Errorf("%s: tag %q, which is that of %s", tt.reason, got, other)
		}
		seen[got] = tt.reason
	}
	same := entries()
	same[0].ModTime = modTime.In(time.FixedZone("", 3600))
	same[1].Size = 4096 // of a directory
	if _, got := describe(t, newZip(t, same)); got != tag {
		t.Errorf("tag %s, want %s: the time is the same, somewhere else", got, tag)
	}
}
