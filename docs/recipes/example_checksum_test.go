package recipes_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing/fstest"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// ChecksumDownloadView serves "image.iso.sha256" for "image.iso", in the form that
// sha256sum -c reads. A file is read once for each of its versions.
type ChecksumDownloadView struct {
	views.VirtualDownloadView
	Storage fs.FS
	Cache   *cache.Cache
}

func (v ChecksumDownloadView) GetFile(r *http.Request) (fs.File, error) {
	name, isSum := strings.CutSuffix(r.PathValue("name"), ".sha256")
	if !isSum || !files.IsVisible(name) {
		return nil, fs.ErrNotExist
	}
	return v.Cache.File(r.Context(), "sha256 of "+name, func(ctx context.Context) (fs.File, error) {
		info, err := fs.Stat(v.Storage, name) // cheap: it says which version is wanted
		if err != nil {
			return nil, err
		}
		sum := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			return writeSum(ctx, w, v.Storage, name)
		}), name+".sha256")
		sum.ContentType = "text/plain"
		sum.ModTime = info.ModTime()
		return sum, nil
	})
}

func writeSum(ctx context.Context, w io.Writer, storage fs.FS, name string) error {
	file, err := files.OpenStorageFile(ctx, storage, name)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%x  %s\n", hash.Sum(nil), name)
	return err
}

// exportWithDigest sends a checksum after the content, in a trailer (RFC 9530).
func exportWithDigest(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Trailer", "Repr-Digest")
	hash := sha256.New()
	write := func(out io.Writer) error { return writeRows(io.MultiWriter(out, hash)) }
	response.New(files.NewVirtualFile(files.NewWriterIO(write), "rows.csv"), response.Options{
		OnDone: func(r *http.Request, o response.Outcome) {
			if r.Method == http.MethodGet && o.Ending == response.Complete {
				w.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(hash.Sum(nil))+":")
			}
		},
	}).ServeHTTP(w, r)
}

func writeRows(w io.Writer) error {
	_, err := io.WriteString(w, "tea,450\n")
	return err
}

// A checksum stands in a file beside the download, or follows generated content.
func Example_checksum() {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	kept, err := cache.New(root, cache.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer kept.Close()
	storage := fstest.MapFS{"image.iso": {Data: []byte("an image\n")}}

	mux := http.NewServeMux()
	mux.Handle("GET /sums/{name...}", views.AsView(ChecksumDownloadView{Storage: storage, Cache: kept}))
	mux.HandleFunc("GET /rows.csv", exportWithDigest)
	srv := httptest.NewServer(mux)
	defer srv.Close()
	for _, path := range []string{"/sums/image.iso.sha256", "/sums/image.iso", "/rows.csv"} {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			fmt.Println(err)
			return
		}
		content, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(resp.StatusCode, strings.TrimSpace(string(content)), err)
		if sum := resp.Trailer.Get("Repr-Digest"); sum != "" {
			fmt.Println(sum)
		}
	}
	// Output:
	// 200 1fa553188056d54b221eeddbddd7aa7fcd53b44fa8b8e419e452ebf3b4ef35d8  image.iso <nil>
	// 404 Not Found <nil>
	// 200 tea,450 <nil>
	// sha-256=:23FcAxdkkicPivWvCTbqVBKrFIG92/KWrMBxNGoIu3I=:
}
