package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

//demo:copy

// copyOrders is the handler that everybody writes first.
func copyOrders(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="copy.csv"`)
	if _, err := io.Copy(w, files.NewStringIteratorIO(orders)); err != nil {
		log.Print(err) // too late: the status 200 has been sent
	}
}

//demo:end

//demo:export

// ExportView serves the same rows.
type ExportView struct{ views.VirtualDownloadView }

func (ExportView) GetFile(*http.Request) (fs.File, error) {
	return files.NewVirtualFile(files.NewStringIteratorIO(orders), "orders.csv"), nil
}

//demo:end

const lostAfter = 60_000

// orders is an iter.Seq2[string, error]: rows, until the database is lost.
func orders(yield func(string, error) bool) {
	for n := range lostAfter {
		if !yield(fmt.Sprintf("%d,customer %d,%d.%02d EUR\n", n, n%977, n%503, n%100), nil) {
			return
		}
	}
	yield("", errors.New("the connection to the database was lost"))
}

//demo:archive

// ArchiveView serves the entries as a ZIP or as a tar, which the path says.
type ArchiveView struct{ views.VirtualDownloadView }

func (ArchiveView) GetFile(r *http.Request) (fs.File, error) {
	size, tag := fibonacciVersion()
	entries := []archive.Entry{
		{Name: "numbers/fibonacci.txt", Size: size, ETag: tag, Open: func(context.Context) (fs.File, error) {
			return files.NewVirtualFile(files.NewStringIteratorIO(fibonacci), "fibonacci.txt"), nil
		}},
		{Name: "an hour of sound.wav", Size: toneSize, ETag: toneTag, CRC32: toneCRC32, Open: func(context.Context) (fs.File, error) {
			return files.NewVirtualFile(io.NewSectionReader(tone{}, 0, toneSize), "tone.wav"), nil
		}},
	}
	if r.URL.Path == "/demo.tar" {
		return archive.NewTar(r.Context(), "demo.tar", entries)
	}
	return archive.NewZip(r.Context(), "demo.zip", entries)
}

func (ArchiveView) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{WriteTimeout: time.Minute} // for each piece
}

// toneCRC32 was computed once. Without it, whoever resumes the ZIP near its end
// would have to wait until the whole hour has been computed.
const toneCRC32 uint32 = 0x89fe3cd3

//demo:end

//demo:text

var text views.FileFunc = func(*http.Request) (fs.File, error) {
	return files.NewContentFile("Hello world!\n", "hello-world.txt"), nil
}

//demo:end

//demo:generated

type FibonacciView struct{ views.VirtualDownloadView }

func (FibonacciView) GetFile(*http.Request) (fs.File, error) {
	file := files.NewVirtualFile(files.NewStringIteratorIO(fibonacci), "fibonacci.txt")
	file.Size, file.ETag = fibonacciVersion()
	return file, nil
}

// fibonacci is an iter.Seq[string].
func fibonacci(yield func(string) bool) {
	a, b := big.NewInt(0), big.NewInt(1)
	for n := range 5000 {
		if !yield(fmt.Sprintf("F(%d) = %d\n", n, a)) {
			return
		}
		a, b = b, a.Add(a, b)
	}
}

// fibonacciVersion generates the file once, for its size and entity tag.
var fibonacciVersion = sync.OnceValues(func() (int64, string) {
	hash := sha256.New()
	size, _ := files.NewStringIteratorIO(fibonacci).WriteTo(hash) // a hash takes everything
	return size, fmt.Sprintf(`"%x"`, hash.Sum(nil)[:16])
})

//demo:end
