package recipes_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing/fstest"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/views"
)

// selection is what a user has chosen.
type selection struct {
	user  int64
	names []string
}

// Selections keeps selections: in memory here, in a table of the database elsewhere.
type Selections struct{ kept sync.Map }

// Create keeps a posted selection, and sends the browser to where it is downloaded.
func (s *Selections) Create(w http.ResponseWriter, r *http.Request) {
	user, err := userOf(r.Context())
	if err != nil {
		http.Error(w, "Log in, please.", http.StatusUnauthorized)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "This is too much, or no form.", http.StatusBadRequest)
		return
	}
	key := rand.Text()
	s.kept.Store(key, selection{user.ID, r.PostForm["photo"]})
	http.Redirect(w, r, "/selections/"+key, http.StatusSeeOther)
}

// photo is what the database knows of a photo.
type photo struct {
	size int64
	crc  uint32 // hash/crc32's ChecksumIEEE
}

// SelectionDownloadView serves a kept selection as one archive.
type SelectionDownloadView struct {
	views.VirtualDownloadView
	Selections *Selections
	Known      map[string]photo // a table of the database elsewhere
	Photos     fs.FS            // a bucket, for example
}

func (v SelectionDownloadView) GetFile(r *http.Request) (fs.File, error) {
	user, err := userOf(r.Context())
	if err != nil {
		return nil, err
	}
	kept, found := v.Selections.kept.Load(r.PathValue("key"))
	if !found || kept.(selection).user != user.ID {
		return nil, fs.ErrNotExist
	}
	var entries []archive.Entry
	for i, name := range kept.(selection).names {
		entries = append(entries, archive.Entry{
			Name: archive.SafeName(fmt.Sprintf("%d %s", i+1, name)),
			Size: v.Known[name].size, CRC32: v.Known[name].crc,
			Open: func(ctx context.Context) (fs.File, error) { return files.OpenStorageFile(ctx, v.Photos, name) },
		})
	}
	if entries, err = withoutMissing(r.Context(), entries); err != nil {
		return nil, err
	}
	return archive.NewZip(r.Context(), "photos.zip", entries)
}

// withoutMissing exchanges entries whose files are lost for a note of their names.
func withoutMissing(ctx context.Context, entries []archive.Entry) ([]archive.Entry, error) {
	existing, missing, err := archive.Existing(ctx, entries)
	if err != nil || len(missing) == 0 {
		return existing, err
	}
	var note strings.Builder
	for _, e := range missing {
		fmt.Fprintln(&note, e.Name)
	}
	return append(existing, archive.Entry{
		Name:  "MISSING.txt",
		Size:  int64(note.Len()),
		CRC32: crc32.ChecksumIEEE([]byte(note.String())),
		Open:  func(context.Context) (fs.File, error) { return files.NewContentFile(note.String(), "MISSING.txt"), nil },
	}), nil
}

// A selection is posted, since it may be too long for a URL, and downloaded by GET,
// so that a browser can resume it.
func Example_selection() {
	selections := new(Selections)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /selections", selections.Create)
	mux.Handle("GET /selections/{key}", views.AsView(SelectionDownloadView{
		Selections: selections,
		Known:      map[string]photo{"sea.jpg": {7, 0x6594ee1c}, "lost.jpg": {1234, 0x12345678}, "sky.jpg": {7, 0x9d293438}},
		Photos:     fstest.MapFS{"sea.jpg": {Data: []byte("a photo")}, "sky.jpg": {Data: []byte("another")}},
	}))
	h := requireLogin(mux)

	form := url.Values{"photo": {"sea.jpg", "lost.jpg", "sky.jpg"}}
	post := as("ada", "/selections")
	post.Method, post.Body = http.MethodPost, httptest.NewRequest("POST", "/", strings.NewReader(form.Encode())).Body
	post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, post)
	fmt.Println(w.Code)

	for _, user := range []string{"grace", "ada"} {
		got := httptest.NewRecorder()
		h.ServeHTTP(got, as(user, w.Header().Get("Location")))
		fmt.Println(user, got.Code)
		if r, err := zip.NewReader(bytes.NewReader(got.Body.Bytes()), int64(got.Body.Len())); err == nil {
			for _, f := range r.File {
				fmt.Println(f.Name)
			}
		}
	}
	// Output:
	// 303
	// grace 404
	// ada 200
	// 1 sea.jpg
	// 3 sky.jpg
	// MISSING.txt
}
