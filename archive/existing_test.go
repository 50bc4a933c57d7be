package archive_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-downloadview/downloadview/archive"
	"github.com/go-downloadview/downloadview/files"
	"github.com/google/go-cmp/cmp"
)

func names(entries []archive.Entry) (all []string) {
	for _, e := range entries {
		all = append(all, e.Name)
	}
	return all
}

// What is there and what is not keep their order, some are looked at at once, and
// all is closed.
func TestExisting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := new(watch)
		entries := []archive.Entry{{Name: "dir/"}}
		var existing, missing []string
		for i := range 100 {
			e := w.entry(fmt.Sprint(i), text(10), kind{size: true})
			open := e.Open
			e.Open = func(ctx context.Context) (fs.File, error) {
				time.Sleep(10 * time.Millisecond) // as long as a bucket takes
				if i%7 == 3 {
					return nil, &fs.PathError{Op: "open", Path: e.Name, Err: fs.ErrNotExist}
				}
				return open(ctx)
			}
			entries = append(entries, e)
			if i%7 == 3 {
				missing = append(missing, e.Name)
			} else {
				existing = append(existing, e.Name)
			}
		}
		began := time.Now()
		got, lost, err := archive.Existing(t.Context(), entries)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]string{append([]string{"dir/"}, existing...), missing}, [][]string{names(got), names(lost)}); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if took := time.Since(began); took > 200*time.Millisecond {
			t.Errorf("it took %v, want some at once", took)
		}
		if w.open != 0 || w.most > 16 {
			t.Errorf("%d are open, %d were at once", w.open, w.most)
		}
	})
}

func TestExistingFails(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	ok := archive.Entry{Name: "ok", Open: emptyFile}
	for _, tt := range []struct {
		reason string
		ctx    context.Context
		open   func() (fs.File, error)
		is     error
		says   string
	}{
		{"forbidden", t.Context(), func() (fs.File, error) { return nil, fs.ErrPermission }, fs.ErrPermission, `entry "bad"`},
		{"cannot be closed", t.Context(), func() (fs.File, error) { return badCloser{files.NewContentFile("", "bad")}, nil }, errBroken, `entry "bad"`},
		{"nothing", t.Context(), func() (fs.File, error) { return nil, nil }, nil, "nil, nil"},
		{"a panic", t.Context(), func() (fs.File, error) { panic("out of cheese") }, nil, "out of cheese"},
		{"an end of the context", ended, func() (fs.File, error) { return nil, ended.Err() }, context.Canceled, ""},
	} {
		_, _, err := archive.Existing(tt.ctx, []archive.Entry{ok, {Name: "bad", Open: opener(tt.open)}, ok})
		if err == nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: error %v, want %v %s", tt.reason, err, tt.is, tt.says)
		}
	}
	if _, _, err := archive.Existing(t.Context(), []archive.Entry{{Name: "a"}}); err == nil {
		t.Error("no error without an Open")
	}
	if existing, missing, err := archive.Existing(t.Context(), nil); existing != nil || missing != nil || err != nil {
		t.Errorf("of nothing: %v, %v, %v", existing, missing, err)
	}
}
