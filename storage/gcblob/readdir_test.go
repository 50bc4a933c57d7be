package gcblob_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"

	"github.com/go-downloadview/downloadview/storage/gcblob"
)

// lines says what is listed, a line each.
func lines(t *testing.T, entries []fs.DirEntry) (all []string) {
	t.Helper()
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Name() != e.Name() || info.IsDir() != e.IsDir() || info.Mode().Type() != e.Type() || !e.IsDir() && info.ModTime().IsZero() {
			t.Errorf("%v and its description differ: %v", e, info)
		}
		all = append(all, fmt.Sprint(info.Mode(), info.Size(), " ", info.Name()))
	}
	return all
}

func TestReadDir(t *testing.T) {
	for driver, bucket := range buckets(t) {
		for _, key := range []string{"b.txt", "a/one", "a/two", "a-z", "a/deep/down", "c//empty", "d/.hidden"} {
			put(t, bucket, key, []byte("12345"), nil)
		}
		fsys := gcblob.New(bucket)
		for _, tt := range []struct {
			name string
			want []string
			err  error
		}{
			{".", []string{"drwxr-xr-x 0 a", "-r--r--r-- 5 a-z", "-r--r--r-- 5 b.txt", "drwxr-xr-x 0 c", "drwxr-xr-x 0 d"}, nil},
			{"a", []string{"drwxr-xr-x 0 deep", "-r--r--r-- 5 one", "-r--r--r-- 5 two"}, nil},
			{"a/deep", []string{"-r--r--r-- 5 down"}, nil},
			{"c", nil, nil}, // its only key is no path
			{"d", []string{"-r--r--r-- 5 .hidden"}, nil},
			{"b.txt", nil, fs.ErrNotExist},
			{"missing", nil, fs.ErrNotExist},
			{"../a", nil, fs.ErrInvalid},
			{"", nil, fs.ErrInvalid},
		} {
			got, err := fs.ReadDir(fsys, tt.name)
			if driver == "fileblob" && tt.name == "c" {
				continue // a directory of the system's has no such keys
			}
			if diff := cmp.Diff(tt.want, lines(t, got)); diff != "" {
				t.Errorf("%s: %q (-want +got):\n%s", driver, tt.name, diff)
			}
			if !errors.Is(err, tt.err) {
				t.Errorf("%s: %q: error %v, want %v", driver, tt.name, err, tt.err)
			}
		}
	}
	if got, err := gcblob.New(buckets(t)["memblob"]).ReadDir("."); len(got) != 0 || err != nil {
		t.Errorf("an empty bucket: %v, %v", got, err)
	}
}

// pages is a driver that lists n objects, two on a page, and marks of directories.
type pages struct {
	driver.Bucket
	n     int
	asked int
	err   error // of the last page
}

func (p *pages) Close() error                       { return nil }
func (p *pages) ErrorCode(error) gcerrors.ErrorCode { return gcerrors.PermissionDenied }
func (p *pages) ErrorAs(error, any) bool            { return false }

func (p *pages) ListPaged(ctx context.Context, opts *driver.ListOptions) (*driver.ListPage, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	page := new(driver.ListPage)
	for range 2 {
		key := fmt.Sprint(opts.Prefix, p.n-p.asked)
		if p.asked == 0 {
			key = opts.Prefix // what some programs store for an empty directory
		}
		page.Objects = append(page.Objects, &driver.ListObject{Key: key, ModTime: modTime, Size: 7, AsFunc: func(i any) bool {
			s, ok := i.(*string)
			if ok {
				*s = "tag of " + strings.TrimPrefix(key, opts.Prefix)
			}
			return ok
		}})
		p.asked++
	}
	if p.asked < p.n {
		page.NextPageToken = []byte("more")
	} else if p.err != nil {
		return nil, p.err
	}
	return page, nil
}

func TestReadDirPages(t *testing.T) {
	driver := &pages{n: 6}
	bucket := blob.NewBucket(driver)
	defer bucket.Close()
	fsys := gcblob.New(bucket)
	fsys.Listed = func(object *blob.ListObject) (string, uint32) {
		var tag string
		object.As(&tag)
		return `"` + strings.ReplaceAll(tag, " ", "-") + `"`, 42
	}
	got, err := fsys.WithContext(t.Context()).(fs.ReadDirFS).ReadDir("dir")
	if diff := cmp.Diff([]string{"-r--r--r-- 7 1", "-r--r--r-- 7 2", "-r--r--r-- 7 3", "-r--r--r-- 7 4", "-r--r--r-- 7 5"}, lines(t, got)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	info, err := got[0].Info()
	if err != nil {
		t.Fatal(err)
	}
	tag, err := info.(interface {
		ETag(context.Context) (string, error)
	}).ETag(t.Context())
	crc, known := info.(interface{ CRC32() (uint32, bool) }).CRC32()
	if tag != `"tag-of-1"` || err != nil || crc != 42 || !known {
		t.Errorf("tag %s, %v, CRC-32 %d, %v", tag, err, crc, known)
	}

	*driver = pages{n: 4, err: errDenied}
	if got, err := fsys.ReadDir("dir"); got != nil || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("the second page is denied: %v, %v", got, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	*driver = pages{n: 4}
	if _, err := fsys.WithContext(ended).(fs.ReadDirFS).ReadDir("dir"); !errors.Is(err, context.Canceled) || driver.asked > 0 {
		t.Errorf("the context has ended: %v, and %d were listed", err, driver.asked)
	}
}
