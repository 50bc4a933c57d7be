package response_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/servertest"
	"github.com/go-downloadview/downloadview/response"
	"github.com/google/go-cmp/cmp"
)

// bucketFile is a file of a bucket, as storages have it: Read opens one stream
// and Seek moves to where the next begins; ReadAt asks for just the bytes. Each
// read of no bytes is a request as well.
type bucketFile struct {
	url    string
	client *http.Client
	size   int64
	pos    int64
	body   io.ReadCloser
}

func (f *bucketFile) get(set string) (io.ReadCloser, error) {
	req, err := http.NewRequest("GET", f.url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Range", "bytes="+set)
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

func (f *bucketFile) Stat() (fs.FileInfo, error) {
	return files.Description{Name: "a.bin", Size: f.size, ETag: `"v1"`}.Info(), nil
}

func (f *bucketFile) Read(p []byte) (n int, err error) {
	if f.pos == f.size {
		return 0, io.EOF
	}
	if f.body == nil {
		if f.body, err = f.get(fmt.Sprintf("%d-", f.pos)); err != nil {
			return 0, err
		}
	}
	n, err = f.body.Read(p)
	f.pos += int64(n)
	return n, err
}

func (f *bucketFile) Close() error {
	if f.body != nil {
		return f.body.Close()
	}
	return nil
}

func (f *bucketFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.pos
	case io.SeekEnd:
		offset += f.size
	}
	if offset != f.pos {
		if err := f.Close(); err != nil {
			return 0, err
		}
		f.body, f.pos = nil, offset
	}
	return offset, nil
}

func (f *bucketFile) ReadAt(p []byte, off int64) (int, error) {
	body, err := f.get(fmt.Sprintf("%d-%d", off, off+int64(len(p))-1))
	if err != nil {
		return 0, err
	}
	defer body.Close()
	return io.ReadFull(body, p)
}

// withReadAt is a file with a ReadAt, and no Seek.
type withReadAt struct {
	fs.File
	at io.ReaderAt
}

func (f withReadAt) ReadAt(p []byte, off int64) (int, error) { return f.at.ReadAt(p, off) }

// withSeek is a file with a Seek, and a ReadAt that it cannot carry out.
type withSeek struct {
	fs.File
	io.Seeker
}

func (withSeek) ReadAt([]byte, int64) (int, error) { return 0, errors.ErrUnsupported }

// A bucket is asked for the bytes that are sent, and for nothing else.
func TestBucketIsAskedForNothingInVain(t *testing.T) {
	const size = 1 << 20
	content := strings.Repeat("0123456789abcdef", size/16)
	var asked []string
	bucket := servertest.Start(t, servertest.HTTP11, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, strings.TrimPrefix(r.Header.Get("Range"), "bytes="))
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	}))
	open := func() *bucketFile { return &bucketFile{url: bucket.URL, client: bucket.Client(), size: size} }
	srv := servertest.Start(t, servertest.HTTP11, nil)
	for _, tt := range []struct {
		reason string
		file   func() fs.File
		method string
		ranges string
		want   []string
	}{
		{"HEAD", func() fs.File { return open() }, "HEAD", "", nil},
		{"all of it", func() fs.File { return open() }, "GET", "", []string{"0-"}},
		{"a small part", func() fs.File { return open() }, "GET", "bytes=1000-1999", []string{"1000-1999"}},
		{"a large part", func() fs.File { return open() }, "GET", "bytes=1000-", []string{"1000-"}},
		{"several small parts", func() fs.File { return open() }, "GET", "bytes=0-9,1000-1999,-5", []string{"0-9", "1000-1999", "1048571-1048575"}},
		{"parts that do not fit the buffer together", func() fs.File { return open() }, "GET", "bytes=0-39999,100000-139999",
			[]string{"0-39999", "100000-139999"}},
		{"too many parts", func() fs.File { return open() }, "GET", "bytes=0-0" + strings.Repeat(",5-5", 200), []string{"0-"}},
		{"beyond the end", func() fs.File { return open() }, "GET", "bytes=1048576-", nil},
		{"without Seek", func() fs.File { f := open(); return withReadAt{f, f} }, "GET", "bytes=1000-1999,3000-3999", []string{"1000-1999", "3000-3999"}},
		{"described", func() fs.File { return files.NewDescribedFile(open()) }, "GET", "bytes=1000-1999", []string{"1000-1999"}},
		{"without ReadAt", func() fs.File {
			f := open()
			return struct {
				fs.File
				io.Seeker
			}{f, f}
		}, "GET", "bytes=1000-1999", []string{"1000-"}},
		{"a ReadAt that is not supported", func() fs.File { f := open(); return withSeek{f, f} }, "GET", "bytes=1000-1999,3000-3999", []string{"1000-", "3000-"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			asked = nil
			srv.Handler = send(tt.file(), response.Options{})
			got := srv.Do(t, tt.method, "/", "Range", tt.ranges)
			if got.Err != nil || got.Status >= 500 {
				t.Errorf("status %d, %v", got.Status, got.Err)
			}
			bucket.Wait()
			if diff := cmp.Diff(tt.want, asked); diff != "" {
				t.Error("asked for (-want +got):\n" + diff)
			}
		})
	}
}
