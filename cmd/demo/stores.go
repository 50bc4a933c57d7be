package main

import (
	"archive/zip"
	"database/sql"
	"errors"
	"os"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/signing"
)

// stores are what examples serve from, where it has to be made first, and the log of
// what they have served.
type stores struct {
	greetings *zip.Reader
	library   *sql.DB
	disk      *os.Root
	links     *signing.FS
	signer    *signing.Signer // of the links
	archive   ArchiveDownloadView
	reports   *cache.Cache
	kept      *os.Root // of the reports
	log       *downloadLog
}

// openStores makes the stores. Close them, or the disk keeps what is there.
func openStores() (*stores, error) {
	greetings, err := newGreetings()
	if err != nil {
		return nil, err
	}
	links, signer, err := newLinks(embedded)
	if err != nil {
		return nil, err
	}
	library, err := newLibrary()
	if err != nil {
		return nil, err
	}
	archive, err := NewArchiveDownloadView()
	if err != nil {
		return nil, errors.Join(err, library.Close())
	}
	disk, err := newDisk()
	if err != nil {
		return nil, errors.Join(err, library.Close())
	}
	reports, kept, err := newReports()
	if err != nil {
		return nil, errors.Join(err, removeDisk(disk), library.Close())
	}
	return &stores{greetings, library, disk, links, signer, archive, reports, kept, new(downloadLog)}, nil
}

// Close leaves nothing behind.
func (s *stores) Close() error {
	return errors.Join(s.reports.Close(), removeDisk(s.kept), removeDisk(s.disk), s.library.Close())
}
