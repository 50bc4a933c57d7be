package main

import (
	"context"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

// ArchiveDownloadView serves the source of the demo and an hour of sound as one
// archive.
type ArchiveDownloadView struct {
	views.VirtualDownloadView
	entries []archive.Entry
}

func NewArchiveDownloadView() (ArchiveDownloadView, error) {
	source, err := archive.FromFS(embedded, ".", nil)
	if err != nil {
		return ArchiveDownloadView{}, err
	}
	entries := []archive.Entry{{Name: "source/"}}
	for _, e := range source {
		// Embedded files have no time. With a CRC-32, the archive has an entity tag
		// all the same, and so a download of it can be resumed.
		content, err := embedded.ReadFile(e.Name)
		if err != nil {
			return ArchiveDownloadView{}, err
		}
		e.CRC32 = crc32.ChecksumIEEE(content)
		e.Name = "source/" + e.Name
		entries = append(entries, e)
	}
	return ArchiveDownloadView{entries: append(entries, archive.Entry{
		Name:  "an hour of sound.wav",
		Size:  toneSize,
		CRC32: toneCRC32,
		Open: func(context.Context) (fs.File, error) {
			return files.NewVirtualFile(io.NewSectionReader(tone{}, 0, toneSize), "tone.wav"), nil
		},
	})}, nil
}

// toneCRC32 is that of all samples. It was computed once, so that nobody needs to
// hear the whole hour in order to send its end.
const toneCRC32 uint32 = 0xfeacf67d

func (v ArchiveDownloadView) GetFile(r *http.Request) (fs.File, error) {
	return archive.NewZip(r.Context(), "demo.zip", v.entries)
}

func (ArchiveDownloadView) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{WriteTimeout: time.Minute}
}
