package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
)

// atOnce is how many entries Existing looks at at the same time: a bucket answers
// each after some ten milliseconds.
const atOnce = 16

// Existing opens and closes each entry, some at the same time. It returns the
// existing entries, and the missing ones, whose Open fails with [fs.ErrNotExist]. Both
// keep their order. Directories exist.
//
// One lost file fails every download of an archive. Call Existing first where an
// archive without it is better than none, and put a note of the missing entries into it.
//
// Any other error ends it, and so does the end of ctx. It is an [EntryError] if an
// entry failed.
func Existing(ctx context.Context, entries []Entry) (existing, missing []Entry, err error) {
	if ctx == nil {
		panic("archive: Existing: the context is nil")
	}
	looking, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	lost := make([]bool, len(entries))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(atOnce, len(entries)) {
		workers.Go(func() {
			for i := range next {
				switch err := look(looking, &entries[i]); {
				case errors.Is(err, fs.ErrNotExist):
					lost[i] = true
				case err != nil:
					cancel(&EntryError{entries[i].Name, err}) // the first stays
				}
			}
		})
	}
	for i := range entries {
		if looking.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	if looking.Err() != nil {
		return nil, nil, context.Cause(looking)
	}
	for i, e := range entries {
		if lost[i] {
			missing = append(missing, e)
		} else {
			existing = append(existing, e)
		}
	}
	return existing, missing, nil
}

// look opens e and closes it again.
func look(ctx context.Context, e *Entry) (err error) {
	defer func() {
		// In this goroutine, a panic of an Open would end the program.
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	if e.isDir() {
		return nil
	}
	if e.Open == nil {
		return errNoOpen
	}
	file, err := e.Open(ctx)
	switch {
	case err != nil:
		return err
	case file == nil:
		return errNoFile
	}
	return file.Close()
}
