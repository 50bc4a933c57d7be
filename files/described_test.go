package files_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/files"
)

// describedFacts is facts, and what only some files say.
type describedFacts struct {
	facts
	Encoding, URL string
}

func statDescribed(t *testing.T, file fs.File) describedFacts {
	t.Helper()
	info, err := file.Stat()
	if err != nil {
		t.Fatalf("Stat() = %v", err)
	}
	ask := func(method string, of func(context.Context) (string, error)) string {
		value, err := of(t.Context())
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s() = %v", method, err)
		}
		return value
	}
	return describedFacts{
		facts{info.Name(), info.Size(), info.Mode(), info.ModTime(), info.IsDir(),
			ask("ETag", info.(files.ETager).ETag), ask("ContentType", info.(files.ContentTyper).ContentType)},
		ask("ContentEncoding", info.(files.ContentEncoder).ContentEncoding),
		ask("URL", info.(files.URLer).URL),
	}
}

func TestDescribedFileStat(t *testing.T) {
	then := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	later := then.Add(time.Hour)
	full := func() fs.File {
		f := files.NewContentFile("Hello", "own.txt")
		f.ModTime, f.ETag, f.ContentType, f.URL = then, `"own"`, "text/own", "https://own.example/"
		return f
	}
	own := describedFacts{facts{"own.txt", 5, 0o444, then, false, `"own"`, "text/own"}, "", "https://own.example/"}
	for _, tt := range []struct {
		reason   string
		file     fs.File
		describe func(*files.DescribedFile)
		want     func(*describedFacts)
	}{
		{"nothing is known better", full(), func(*files.DescribedFile) {}, func(*describedFacts) {}},
		{"the name", full(), func(f *files.DescribedFile) { f.Name = "b" }, func(w *describedFacts) { w.Name = "b" }},
		{"the size", full(), func(f *files.DescribedFile) { f.Size = 3 }, func(w *describedFacts) { w.Size = 3 }},
		{"a size of nothing is a size", full(), func(f *files.DescribedFile) { f.Size = 0 }, func(w *describedFacts) { w.Size = 0 }},
		{"a negative size is none", full(), func(f *files.DescribedFile) { f.Size = -7 }, func(*describedFacts) {}},
		{"the time", full(), func(f *files.DescribedFile) { f.ModTime = later }, func(w *describedFacts) { w.ModTime = later }},
		{"the tag", full(), func(f *files.DescribedFile) { f.ETag = `"b"` }, func(w *describedFacts) { w.ETag = `"b"` }},
		{"the type", full(), func(f *files.DescribedFile) { f.ContentType = "text/b" }, func(w *describedFacts) { w.ContentType = "text/b" }},
		{"the coding", full(), func(f *files.DescribedFile) { f.Encoding = "gzip" }, func(w *describedFacts) { w.Encoding = "gzip" }},
		{"described twice", describedAs("first", full()), func(f *files.DescribedFile) { f.ETag = `"second"` },
			func(w *describedFacts) { w.Name, w.ETag = "first", `"second"` }},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			file := files.NewDescribedFile(tt.file)
			tt.describe(file)
			want := own
			tt.want(&want)
			if diff := cmp.Diff(want, statDescribed(t, file), cmp.AllowUnexported(describedFacts{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func describedAs(name string, file fs.File) fs.File {
	f := files.NewDescribedFile(file)
	f.Name = name
	return f
}

// Of a file that says nothing, nothing but the description is known.
func TestDescribedFileOfUnknownSize(t *testing.T) {
	file := files.NewDescribedFile(files.NewVirtualFile(files.NewStringIteratorIO(helloWorld), "a"))
	want := facts{Name: "a", Size: -1, Mode: fs.ModeIrregular | 0o444}
	if diff := cmp.Diff(want, stat(t, file)); diff != "" {
		t.Errorf("as it is (-want +got):\n%s", diff)
	}
	file.Size = 12
	want.Size, want.Mode = 12, 0o444
	if diff := cmp.Diff(want, stat(t, file)); diff != "" {
		t.Errorf("with a size (-want +got):\n%s", diff)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

func TestDescribedFileOfABrokenFile(t *testing.T) {
	broken := errors.New("broken")
	if _, err := files.NewDescribedFile(brokenFile{err: broken}).Stat(); err != broken {
		t.Errorf("Stat() = %v, want the file's %v", err, broken)
	}
}

func TestDescribedFileWasModifiedSince(t *testing.T) {
	then := time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC)
	for _, tt := range []struct {
		reason         string
		own, described time.Time
		since          time.Time
		want           bool
		err            error
	}{
		{"nobody knows", time.Time{}, time.Time{}, then, false, errors.ErrUnsupported},
		{"the file knows", then, time.Time{}, then, false, nil},
		{"the description goes first, and is newer", then, then.Add(time.Hour), then, true, nil},
		{"the description goes first, and is older", then.Add(time.Hour), then, then, false, nil},
		{"in whole seconds", time.Time{}, then, then.Truncate(time.Second), false, nil},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			content := files.NewContentFile("Hello", "hello.txt")
			content.ModTime = tt.own
			file := files.NewDescribedFile(content)
			file.ModTime = tt.described
			got, err := file.WasModifiedSince(tt.since)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("WasModifiedSince() = %v, %v, want %v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}
