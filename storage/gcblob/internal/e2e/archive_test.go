package e2e_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/storage/gcblob"
	"github.com/go-downloadview/downloadview/views"
)

// listed tells what S3 lists of an object.
func listed(object *blob.ListObject) (etag string, crc32 uint32) {
	var o types.Object
	if object.As(&o) {
		etag = aws.ToString(o.ETag)
	}
	return etag, 0
}

// A prefix of a bucket is an archive: as with a directory tree.
func TestArchiveOfPrefix(t *testing.T) {
	for driver, open := range drivers {
		t.Run(driver, func(t *testing.T) {
			bucket := open(t)
			for _, key := range []string{"album/a.txt", "album/deep/b.txt", "album/.hidden", "other"} {
				put(t, bucket, key, text, "text/plain")
			}
			storage := gcblob.New(bucket)
			storage.Listed = listed
			srv := serve(t, views.FileFunc(func(r *http.Request) (fs.File, error) {
				entries, err := archive.FromFS(storage.WithContext(r.Context()), "album", nil)
				if err != nil {
					return nil, err
				}
				if driver == "s3blob" && entries[0].ETag == "" {
					t.Error("the list of S3 has no entity tag")
				}
				return archive.NewZip(r.Context(), "album.zip", entries)
			}))
			resp, body := request(t, http.MethodGet, srv.URL)
			if resp.StatusCode != http.StatusOK || resp.Header.Get("Accept-Ranges") != "bytes" || resp.ContentLength != int64(len(body)) {
				t.Errorf("%s, %v", resp.Status, resp.Header)
			}
			r, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range r.File {
				names = append(names, f.Name)
				if f.FileInfo().IsDir() {
					continue
				}
				rc, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(rc)
				if err != nil || !bytes.Equal(got, text) {
					t.Errorf("%s: %d bytes, %v, or others", f.Name, len(got), err)
				}
			}
			if diff := cmp.Diff([]string{"a.txt", "deep/", "deep/b.txt"}, names); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := archive.FromFS(storage.WithContext(ended), "album", nil); err == nil && driver == "s3blob" {
				t.Error("it lists although the context has ended")
			}
		})
	}
}
