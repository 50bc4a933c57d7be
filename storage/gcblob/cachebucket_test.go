package gcblob_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob"

	"github.com/go-downloadview/downloadview/storage/gcblob"
)

// keys returns the keys of a bucket.
func keys(t *testing.T, bucket *blob.Bucket) (all []string) {
	t.Helper()
	for objects := bucket.List(nil); ; {
		object, err := objects.Next(t.Context())
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, object.Key)
	}
}

func TestCacheBucket(t *testing.T) {
	for driver, bucket := range buckets(t) {
		t.Run(driver, func(t *testing.T) {
			ctx := t.Context()
			b := gcblob.NewCacheBucket(bucket)
			if f, err := b.Open(ctx, "copies/a"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("what is not there: got %v, %v, want fs.ErrNotExist", f, err)
			}
			asked := iotest.ErrReader(errors.New("an object that is there is not uploaded again"))
			for _, content := range []io.Reader{strings.NewReader("first"), asked} {
				if err := b.Put(ctx, "copies/a", content, 5); err != nil {
					t.Errorf("Put: %v", err)
				}
			}
			f, err := b.Open(ctx, "copies/a")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got, err := io.ReadAll(f); string(got) != "first" || err != nil {
				t.Errorf("got %q, %v, want what was first", got, err)
			}
			info, err := f.Stat()
			if err != nil || info.Size() != 5 || info.ModTime().IsZero() {
				t.Errorf("described as %v, %v", info, err)
			}
		})
	}
}

func TestCacheBucketStoresNoHalves(t *testing.T) {
	errLost := errors.New("lost")
	for driver, bucket := range buckets(t) {
		t.Run(driver, func(t *testing.T) {
			b := gcblob.NewCacheBucket(bucket)
			half := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errLost))
			if err := b.Put(t.Context(), "copies/a", half, 8); !errors.Is(err, errLost) {
				t.Errorf("content that fails: got %v, want %v", err, errLost)
			}
			if err := b.Put(t.Context(), "copies/a", strings.NewReader("half"), 8); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("content that is too short: got %v", err)
			}
			ended, cancel := context.WithCancel(t.Context())
			content := readerFunc(func([]byte) (int, error) {
				cancel()
				return 0, io.EOF
			})
			if err := b.Put(ended, "copies/b", content, 0); !errors.Is(err, context.Canceled) {
				t.Errorf("a context that ends: got %v, want %v", err, context.Canceled)
			}
			if got := keys(t, bucket); len(got) > 0 {
				t.Errorf("stored: %q", got)
			}
		})
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestCacheBucketRemove(t *testing.T) {
	for driver, bucket := range buckets(t) {
		t.Run(driver, func(t *testing.T) {
			b := gcblob.NewCacheBucket(bucket)
			for _, key := range []string{"copies/a-1", "copies/a-2", "copies/b-1", "mine"} {
				put(t, bucket, key, []byte("content"), nil)
			}
			for _, tt := range []struct {
				prefix string
				left   []string
			}{
				{"copies/c-", []string{"copies/a-1", "copies/a-2", "copies/b-1", "mine"}},
				{"copies/a-", []string{"copies/b-1", "mine"}},
				{"copies/", []string{"mine"}},
			} {
				if more, err := b.Remove(t.Context(), tt.prefix); more || err != nil {
					t.Errorf("Remove(%q): %v, %v", tt.prefix, more, err)
				}
				if diff := cmp.Diff(tt.left, keys(t, bucket)); diff != "" {
					t.Errorf("left after Remove(%q) (-want +got):\n%s", tt.prefix, diff)
				}
			}
		})
	}
}
