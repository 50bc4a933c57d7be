package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// Photo is a row of the database. The bytes are an object in a bucket.
type Photo struct {
	ID       int
	Owner    string
	Title    string
	Key      string // of the object
	Size     int64
	CRC32    uint32
	Modified time.Time
}

// AlbumDownloadView serves the photos that a user has chosen as one archive.
type AlbumDownloadView struct {
	views.VirtualDownloadView
	Photos func(ctx context.Context, ids []string) ([]Photo, error) // the query
	User   func(r *http.Request) string                             // who is logged in
	Bucket fs.FS
}

func (v AlbumDownloadView) GetFile(r *http.Request) (fs.File, error) {
	photos, err := v.Photos(r.Context(), r.URL.Query()["photo"])
	if err != nil {
		return nil, err
	}
	user := v.User(r)
	entries := make([]archive.Entry, 0, len(photos))
	for _, photo := range photos {
		if photo.Owner != user {
			return nil, fs.ErrPermission // 403, and nothing of it was sent
		}
		entries = append(entries, archive.Entry{
			Name:    fmt.Sprintf("%d/", photo.Modified.Year()) + archive.SafeName(fmt.Sprintf("%d %s.jpg", photo.ID, photo.Title)),
			Size:    photo.Size,
			ModTime: photo.Modified,
			CRC32:   photo.CRC32,
			Open: func(ctx context.Context) (fs.File, error) {
				return files.OpenStorageFile(ctx, v.Bucket, photo.Key)
			},
		})
	}
	return archive.NewZip(r.Context(), "album.zip", entries)
}

// A selection of rows, whose bytes are in a bucket, under names for people. Size and
// CRC-32 were stored when the photos were; so nothing is read before it is sent.
func Example_selection() {
	bucket := fstest.MapFS{"objects/7f3a": {Data: []byte("a photo")}, "objects/91cc": {Data: []byte("another")}}
	taken := time.Date(2025, time.July, 1, 12, 0, 0, 0, time.UTC)
	rows := []Photo{
		{1, "alice", "Sea/Sky", "objects/7f3a", 7, 0x6594ee1c, taken},
		{2, "alice", "Sea", "objects/91cc", 7, 0x9d293438, taken},
	}
	r := chi.NewRouter()
	views.Mount(r, "/album", AlbumDownloadView{
		Photos: func(context.Context, []string) ([]Photo, error) { return rows, nil },
		User:   func(r *http.Request) string { user, _, _ := r.BasicAuth(); return user },
		Bucket: bucket,
	})

	for _, user := range []string{"mallory", "alice"} {
		req := httptest.NewRequest("GET", "/album?photo=1&photo=2", nil)
		req.SetBasicAuth(user, "")
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		fmt.Println(user, w.Code)
		if w.Code == http.StatusOK {
			fmt.Println(w.Header().Get("Content-Length"), "bytes")
			printNames(w.Body.Bytes())
		}
	}
	// Output:
	// mallory 403
	// alice 200
	// 288 bytes
	// 2025/1 Sea_Sky.jpg
	// 2025/2 Sea.jpg
}

// printNames prints the names of what is in an archive.
func printNames(archived []byte) {
	r, err := zip.NewReader(bytes.NewReader(archived), int64(len(archived)))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range r.File {
		fmt.Println(f.Name)
	}
}
