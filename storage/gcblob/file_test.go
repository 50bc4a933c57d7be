package gcblob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob/driver"

	"github.com/go-downloadview/downloadview/storage/gcblob"
)

// randomAccess is what a file of the package is.
type randomAccess interface {
	fs.File
	io.ReadSeeker
	io.ReaderAt
}

func open(t *testing.T, fsys fs.FS, name string) randomAccess {
	t.Helper()
	f, err := fsys.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f.(randomAccess)
}

func read(t *testing.T, r io.Reader, n int64) string {
	t.Helper()
	var b strings.Builder
	if _, err := io.CopyN(&b, r, n); err != nil {
		t.Fatalf("reading %d bytes: %v", n, err)
	}
	return b.String()
}

func seek(t *testing.T, s io.Seeker, offset int64, whence int) {
	t.Helper()
	if _, err := s.Seek(offset, whence); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsAskedOfTheBucket(t *testing.T) {
	content := strings.Repeat("0123456789", 100_000) // a million bytes
	tests := []struct {
		reason string
		name   string
		use    func(t *testing.T, f randomAccess)
		want   []string
	}{
		{
			reason: "describing a file takes its attributes, once",
			use: func(t *testing.T, f randomAccess) {
				f.Stat()
				f.Stat()
			},
			want: []string{"attributes"},
		},
		{
			reason: "seeking is free",
			use: func(t *testing.T, f randomAccess) {
				seek(t, f, 0, io.SeekEnd)
				seek(t, f, 0, io.SeekStart)
				seek(t, f, 500_000, io.SeekCurrent)
			},
			want: []string{"attributes"},
		},
		{
			reason: "the whole is one request",
			use:    func(t *testing.T, f randomAccess) { read(t, f, 1_000_000) },
			want:   []string{"attributes", "get 0-", "close after 1000000 bytes"},
		},
		{
			reason: "a read after a seek begins where the seek went: nothing before it is read",
			use: func(t *testing.T, f randomAccess) {
				seek(t, f, -5, io.SeekEnd)
				if got := read(t, f, 5); got != "56789" {
					t.Errorf("read %q", got)
				}
			},
			want: []string{"attributes", "get 999995-", "close after 5 bytes"},
		},
		{
			reason: "a seek in the middle drops the reader and opens another, forwards or backwards",
			use: func(t *testing.T, f randomAccess) {
				read(t, f, 10)
				seek(t, f, 900_000, io.SeekStart)
				read(t, f, 20)
				seek(t, f, 3, io.SeekStart)
				if got := read(t, f, 4); got != "3456" {
					t.Errorf("read %q", got)
				}
			},
			want: []string{
				"attributes", "get 0-", "close after 10 bytes", "get 900000-", "close after 20 bytes",
				"get 3-", "close after 4 bytes",
			},
		},
		{
			reason: "a seek that comes back before the next read keeps the reader",
			use: func(t *testing.T, f randomAccess) {
				read(t, f, 10)
				seek(t, f, 0, io.SeekEnd)
				seek(t, f, 10, io.SeekStart)
				seek(t, f, 0, io.SeekCurrent)
				if got := read(t, f, 4); got != "0123" {
					t.Errorf("read %q", got)
				}
			},
			want: []string{"attributes", "get 0-", "close after 14 bytes"},
		},
		{
			reason: "ReadAt asks for what fits, and leaves the position alone",
			use: func(t *testing.T, f randomAccess) {
				read(t, f, 3)
				p := make([]byte, 7)
				if n, err := f.ReadAt(p, 500_001); n != 7 || err != nil || string(p) != "1234567" {
					t.Errorf("ReadAt = %d, %v, %q", n, err, p)
				}
				if got := read(t, f, 3); got != "345" {
					t.Errorf("read %q", got)
				}
			},
			want: []string{"attributes", "get 0-", "get 500001-500007", "close after 7 bytes", "close after 6 bytes"},
		},
		{
			reason: "ReadAt asks for no more than there is",
			use: func(t *testing.T, f randomAccess) {
				p := make([]byte, 7)
				if n, err := f.ReadAt(p, 999_998); n != 2 || err != io.EOF || string(p[:n]) != "89" {
					t.Errorf("ReadAt = %d, %v, %q", n, err, p)
				}
			},
			want: []string{"attributes", "get 999998-999999", "close after 2 bytes"},
		},
		{
			reason: "there is nothing to ask for at the end, or for no bytes at all",
			use: func(t *testing.T, f randomAccess) {
				seek(t, f, 5, io.SeekEnd)
				if n, err := f.Read(make([]byte, 1)); n != 0 || err != io.EOF {
					t.Errorf("Read = %d, %v", n, err)
				}
				if n, err := f.ReadAt(make([]byte, 1), 1_000_000); n != 0 || err != io.EOF {
					t.Errorf("ReadAt = %d, %v", n, err)
				}
				if n, err := f.ReadAt(nil, 0); n != 0 || err != nil {
					t.Errorf("ReadAt(nil) = %d, %v", n, err)
				}
				seek(t, f, 0, io.SeekStart)
				if n, err := f.Read(nil); n != 0 || err != nil {
					t.Errorf("Read(nil) = %d, %v", n, err)
				}
			},
			want: []string{"attributes"},
		},
		{
			reason: "nor in an empty object",
			name:   "empty",
			use: func(t *testing.T, f randomAccess) {
				if got, err := io.ReadAll(f); len(got) != 0 || err != nil {
					t.Errorf("read %q, %v", got, err)
				}
			},
			want: []string{"attributes"},
		},
		{
			reason: "closing twice closes once, and nothing is asked for afterwards",
			use: func(t *testing.T, f randomAccess) {
				read(t, f, 1)
				for range 2 {
					if err := f.Close(); err != nil {
						t.Error(err)
					}
				}
				_, readErr := f.Read(make([]byte, 1))
				_, readAtErr := f.ReadAt(make([]byte, 1), 0)
				_, seekErr := f.Seek(0, io.SeekStart)
				for _, err := range []error{readErr, readAtErr, seekErr} {
					if !errors.Is(err, fs.ErrClosed) {
						t.Errorf("after Close: %v", err)
					}
				}
			},
			want: []string{"attributes", "get 0-", "close after 1 bytes"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			bucket, store := newBucket(t, map[string]object{"million": {content: content}, "empty": {}})
			name := tt.name
			if name == "" {
				name = "million"
			}
			f := open(t, gcblob.New(bucket), name)
			tt.use(t, f)
			if err := f.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			if diff := cmp.Diff(tt.want, store.log); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSeekRefuses(t *testing.T) {
	bucket, _ := newBucket(t, map[string]object{"a": {content: "0123456789"}})
	f := open(t, gcblob.New(bucket), "a")
	seek(t, f, 4, io.SeekStart)
	for _, tt := range []struct {
		reason string
		offset int64
		whence int
	}{
		{"before the beginning", -1, io.SeekStart},
		{"before the beginning, from here", -5, io.SeekCurrent},
		{"before the beginning, from the end", -11, io.SeekEnd},
		{"from nowhere", 0, 3},
	} {
		if _, err := f.Seek(tt.offset, tt.whence); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%s: Seek = %v, want fs.ErrInvalid", tt.reason, err)
		}
	}
	if _, err := f.ReadAt(make([]byte, 1), -1); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("ReadAt(-1) = %v, want fs.ErrInvalid", err)
	}
	if got := read(t, f, 2); got != "45" {
		t.Errorf("after that, read %q, want the position unchanged", got)
	}
}

func TestFileIsAReader(t *testing.T) {
	content := []byte(strings.Repeat("Hello, bucket! ", 1000))
	for driver, bucket := range buckets(t) {
		t.Run(driver, func(t *testing.T) {
			put(t, bucket, "dir/hello.txt", content, nil)
			f := open(t, gcblob.New(bucket), "dir/hello.txt")
			if err := iotest.TestReader(f, content); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestObjectThatChanges(t *testing.T) {
	for driver, bucket := range buckets(t) {
		t.Run(driver, func(t *testing.T) {
			storage := gcblob.New(bucket)
			put(t, bucket, "a", []byte("the first version"), nil)
			f := open(t, storage, "a")
			if got := read(t, f, 3); got != "the" {
				t.Fatalf("read %q", got)
			}
			put(t, bucket, "a", []byte("the next version, longer"), nil)
			seek(t, f, 10, io.SeekStart)
			if n, err := f.Read(make([]byte, 4)); n != 0 || err == nil || !strings.Contains(err.Error(), "changed") {
				t.Errorf("Read of a new version after a seek = %d, %v, want an error that says so", n, err)
			}
			if n, err := f.ReadAt(make([]byte, 4), 0); n != 0 || err == nil || !strings.Contains(err.Error(), "changed") {
				t.Errorf("ReadAt of a new version = %d, %v, want an error that says so", n, err)
			}

			f = open(t, storage, "a")
			if err := bucket.Delete(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			if n, err := f.Read(make([]byte, 4)); n != 0 || !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Read of an object that was deleted = %d, %v, want fs.ErrNotExist", n, err)
			}
		})
	}
}

func TestWhatCountsAsAnotherVersion(t *testing.T) {
	second := modTime.Truncate(time.Second)
	tests := []struct {
		reason  string
		reader  driver.ReaderAttributes
		changed bool
	}{
		{"the same", driver.ReaderAttributes{Size: 10, ModTime: modTime}, false},
		{"another size", driver.ReaderAttributes{Size: 11, ModTime: modTime}, true},
		{"another time", driver.ReaderAttributes{Size: 10, ModTime: modTime.Add(time.Nanosecond)}, true},
		{"readers that know whole seconds only", driver.ReaderAttributes{Size: 10, ModTime: second}, false},
		{"whole seconds that differ", driver.ReaderAttributes{Size: 10, ModTime: second.Add(time.Second)}, true},
		{"the same time in another zone", driver.ReaderAttributes{Size: 10, ModTime: modTime.In(time.FixedZone("", 3600))}, false},
		{"readers that know no time", driver.ReaderAttributes{Size: 10}, false},
	}
	for _, tt := range tests {
		bucket, store := newBucket(t, map[string]object{"a": {content: "0123456789", reader: &tt.reader}})
		f := open(t, gcblob.New(bucket), "a")
		got, err := io.ReadAll(f)
		switch {
		case tt.changed && (len(got) > 0 || err == nil || !strings.Contains(err.Error(), "changed")):
			t.Errorf("%s: read %q, %v, want an error that says so", tt.reason, got, err)
		case !tt.changed && (len(got) != 10 || err != nil):
			t.Errorf("%s: read %q, %v, want all of it", tt.reason, got, err)
		}
		f.Close()
		if last := store.log[len(store.log)-1]; !strings.HasPrefix(last, "close after") {
			t.Errorf("%s: the reader stayed open: %q", tt.reason, store.log)
		}
	}
}

func TestObjectThatEndsTooEarly(t *testing.T) {
	bucket, _ := newBucket(t, map[string]object{"a": {content: "0123", attrs: driver.Attributes{Size: 10}}})
	f := open(t, gcblob.New(bucket), "a")
	if got, err := io.ReadAll(f); string(got) != "0123" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("ReadAll = %q, %v, want io.ErrUnexpectedEOF", got, err)
	}
	for _, off := range []int64{0, 4} {
		if n, err := f.ReadAt(make([]byte, 6), off); n != int(4-off) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("ReadAt(%d) = %d, %v, want io.ErrUnexpectedEOF", off, n, err)
		}
	}
}

func TestContextCancelsReads(t *testing.T) {
	bucket, _ := newBucket(t, map[string]object{"a": {content: "0123456789"}})
	storage := gcblob.New(bucket)
	ctx, cancel := context.WithCancel(t.Context())
	f := open(t, storage.WithContext(ctx), "a")
	read(t, f, 2)
	cancel()
	if _, err := f.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v, want context.Canceled", err)
	}
	if _, err := f.ReadAt(make([]byte, 1), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("ReadAt = %v, want context.Canceled", err)
	}
	if _, err := storage.WithContext(ctx).Open("a"); !errors.Is(err, context.Canceled) {
		t.Errorf("Open = %v, want context.Canceled", err)
	}
	read(t, open(t, storage, "a"), 10) // has no part in that context
}

func TestReadAtConcurrently(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 100)
	bucket, _ := newBucket(t, map[string]object{"a": {content: string(content)}})
	f := open(t, gcblob.New(bucket), "a")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			p := make([]byte, 50)
			if _, err := f.ReadAt(p, int64(50*i)); err != nil {
				t.Error(err)
			}
			if want := content[50*i:][:50]; !bytes.Equal(p, want) {
				t.Errorf("ReadAt(%d) = %q, want %q", 50*i, p, want)
			}
		})
	}
	wg.Wait()
}
