package files_test

import (
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-downloadview/downloadview/files"
)

// modifiedReader is a reader with an answer of its own.
type modifiedReader struct {
	io.Reader
	modified bool
	err      error
}

func (r modifiedReader) WasModifiedSince(time.Time) (bool, error) { return r.modified, r.err }

func TestWasModifiedSince(t *testing.T) {
	since := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	broken := errors.New("database is down")

	content := func(modTime time.Time) fs.File {
		f := files.NewContentFile("", "a")
		f.ModTime = modTime
		return f
	}
	virtual := func(r io.Reader, modTime time.Time) fs.File {
		f := files.NewVirtualFile(r, "a")
		f.ModTime = modTime
		return f
	}
	answers := func(modified bool, err error) io.Reader {
		return modifiedReader{strings.NewReader(""), modified, err}
	}
	stored, err := fstest.MapFS{"a": {ModTime: since}}.Open("a")
	if err != nil {
		t.Fatal(err)
	}

	for _, tt := range []struct {
		reason  string
		file    fs.File
		want    bool
		wantErr error
	}{
		{"content without ModTime cannot tell", content(time.Time{}), false, errors.ErrUnsupported},
		{"a second older", content(since.Add(-time.Second)), false, nil},
		{"as old", content(since), false, nil},
		{"HTTP dates have no fractions, so neither has ModTime", content(since.Add(999 * time.Millisecond)), false, nil},
		{"a second newer", content(since.Add(time.Second)), true, nil},
		{"zones do not matter", content(since.In(time.FixedZone("", 3600))), false, nil},

		{"a reader without an answer and without ModTime", virtual(strings.NewReader(""), time.Time{}), false, errors.ErrUnsupported},
		{"a reader without an answer: by ModTime, older", virtual(strings.NewReader(""), since), false, nil},
		{"a reader without an answer: by ModTime, newer", virtual(strings.NewReader(""), since.Add(time.Hour)), true, nil},
		{"the reader's true wins over ModTime", virtual(answers(true, nil), since.Add(-time.Hour)), true, nil},
		{"the reader's false wins over ModTime", virtual(answers(false, nil), since.Add(time.Hour)), false, nil},
		{"a reader that cannot tell leaves it to ModTime", virtual(answers(true, errors.ErrUnsupported), since), false, nil},
		{"and without ModTime nobody can tell", virtual(answers(true, errors.ErrUnsupported), time.Time{}), false, errors.ErrUnsupported},
		{"any other error is the answer", virtual(answers(false, broken), since), false, broken},

		{"a file of another package has no such method", stored, false, errors.ErrUnsupported},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			got, err := files.WasModifiedSince(tt.file, since)
			if got != tt.want || !errors.Is(err, tt.wantErr) {
				t.Errorf("WasModifiedSince() = %v, %v, want %v, %v", got, err, tt.want, tt.wantErr)
			}
		})
	}
}
