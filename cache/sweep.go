package cache

import (
	"context"
	"errors"
	"os"
	"runtime"
	"time"
)

// orphanAge is how long a draft's file was not written to before it counts as left
// by a process that is no more, where there are no locks that show it.
const orphanAge = 24 * time.Hour

// sweep compares the index with the directory, which other processes change, too,
// and removes copies that are too old or too many, and drafts that a crash has left.
// It takes its time, and requests do not wait for it.
func (s *store) sweep(ctx context.Context) error {
	names, err := s.dir.names(".")
	if err != nil {
		return err
	}
	names = append(names, s.index.dirs()...)
	done := make(map[string]bool, len(names))
	for _, name := range names {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case isTempName(name):
			s.removeOrphan(name)
		case len(name) == shardDigits && !done[name]:
			s.sweepDir(name)
		}
		done[name] = true
		runtime.Gosched() // requests wait for a processor otherwise, where there are few
	}
	s.swept.Store(true)
	s.trim()
	return nil
}

// sweepDir sweeps one directory of copies. Of several copies of an identity, the
// newest stays.
func (s *store) sweepDir(dir string) {
	defer s.dir.lock(dir)()
	copies, err := s.dir.list(dir, "")
	if err != nil {
		return // for want of descriptors, perhaps
	}
	newest := make(map[string]copyName, len(copies))
	for _, name := range copies {
		old, again := newest[name.id]
		switch {
		case s.expired(name), again && name.made <= old.made:
			s.dir.remove(name.path())
			continue
		case again:
			s.dir.remove(old.path())
		}
		newest[name.id] = name
	}
	for _, name := range s.index.matching(dir, "") {
		if newest[name.id] == name {
			delete(newest, name.id)
		} else {
			s.index.strike(name)
		}
	}
	for _, name := range newest {
		s.index.enter(name, false, false)
		s.tell(name)
	}
}

// removeOrphan removes the file of a draft if no process is behind it.
func (s *store) removeOrphan(temp string) {
	f, err := s.dir.root.OpenFile(temp, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	err = lockFile(f)
	if err == nil || errors.Is(err, errors.ErrUnsupported) && time.Since(info.ModTime()) > orphanAge {
		s.dir.remove(temp)
	}
}
