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
			file, err := files.OpenStorageFile(ctx, v.Storage, name)
			if err != nil {
				return err
			}
			defer file.Close()
			return writeSum(w, file, name)
		}), name+".sha256")
		sum.ContentType = "text/plain"
		sum.ModTime = info.ModTime()
		return sum, nil
	})
}

// ReportSumDownloadView serves the checksum of a report that is generated and kept.
type ReportSumDownloadView struct {
	views.VirtualDownloadView
	Cache *cache.Cache
}

func (v ReportSumDownloadView) GetFile(r *http.Request) (fs.File, error) {
	return v.Cache.File(r.Context(), "sha256 of report.csv", func(ctx context.Context) (fs.File, error) {
		sum := files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
			report, err := v.Cache.File(ctx, "report.csv", openReport) // the copy, or a run that makes one
			if err != nil {
				return err
			}
			defer report.Close()
			return writeSum(w, report, "report.csv")
		}), "report.csv.sha256")
		sum.ContentType = "text/plain"
		sum.ETag = reportVersion // another report, another sum
		return sum, nil
	})
}

const reportVersion = `"7"` // of the rows, as the database knows it

// openReport describes the report. Its download is the cache's file of it.
func openReport(context.Context) (fs.File, error) {
	report := files.NewVirtualFile(files.NewWriterIO(writeRows), "report.csv")
	report.ETag = reportVersion
	return report, nil
}

// writeSum writes the checksum of a file in the form that sha256sum -c reads.
func writeSum(w io.Writer, file io.Reader, name string) error {
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%x  %s\n", hash.Sum(nil), name)
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
	mux.Handle("GET /report.csv.sha256", views.AsView(ReportSumDownloadView{Cache: kept}))
	mux.HandleFunc("GET /rows.csv", exportWithDigest)
	srv := httptest.NewServer(mux)
	defer srv.Close()
	for _, path := range []string{"/sums/image.iso.sha256", "/sums/image.iso", "/report.csv.sha256", "/rows.csv"} {
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
	// 200 db715c03176492270f8af5af0936ea5412ab1481bddbf296acc071346a08bb72  report.csv <nil>
	// 200 tea,450 <nil>
	// sha-256=:23FcAxdkkicPivWvCTbqVBKrFIG92/KWrMBxNGoIu3I=:
}
