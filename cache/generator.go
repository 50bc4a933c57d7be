package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/own"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
	"github.com/go-downloadview/downloadview/internal/stored"
)

// generator is what open returned, described but not started.
type generator struct {
	file   fs.File // nil: closed
	bottom stored.File
	about  files.Description
	id     string          // of the copy
	ctx    context.Context // of the run
	cancel context.CancelFunc
}

// newGenerator calls open with a context that is derived from base. While open is
// at work it ends with ctx, the request's, and not after that.
func newGenerator(ctx, base context.Context, key string, open func(context.Context) (fs.File, error)) (_ *generator, err error) {
	g := &generator{}
	g.ctx, g.cancel = context.WithCancel(base)
	stop := context.AfterFunc(ctx, g.cancel)
	described := false
	defer func() {
		if !described { // open may have panicked, too
			stop()
			g.close()
		}
	}()
	file, err := open(g.ctx)
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, errors.New("cache: open returned nil, nil")
	}
	g.file = file
	if g.id, err = g.describe(key); err != nil {
		return nil, err
	}
	if !stop() {
		return nil, ctx.Err()
	}
	described = true
	return g, nil
}

// describe asks the file for its description, and returns the identity of its
// copy. Everything is part of it that two versions of the bytes differ in: the
// entity tag, or the modification time where there is no tag; and size, content
// type and coding. What cannot be had for now is an error: without it, an old
// version could be taken for the new one.
func (g *generator) describe(key string) (id string, err error) {
	info, err := g.file.Stat()
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return "", fmt.Errorf("cache: %s is a directory: %w", info.Name(), fs.ErrNotExist)
	}
	if g.bottom, err = stored.Find(g.file, info); err != nil {
		return "", err
	}
	a := &g.about
	a.Name, a.Size = info.Name(), files.Size(info)
	if rfc9110.IsModTime(info.ModTime()) {
		a.ModTime = info.ModTime()
	}
	for _, of := range []struct {
		ask func(context.Context, fs.FileInfo) (string, error)
		to  *string
	}{
		{files.ETag, &a.ETag}, {files.ContentType, &a.ContentType}, {files.ContentEncoding, &a.Encoding}, {files.URL, &a.URL},
	} {
		if *of.to, err = of.ask(g.ctx, info); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return "", fmt.Errorf("cache: describing %s: %w", info.Name(), err)
		}
	}
	version := a.ETag
	if version == "" && !a.ModTime.IsZero() {
		version = a.ModTime.UTC().Format(time.RFC3339Nano)
	}
	if !rfc9110.IsEntityTag(a.ETag) {
		a.ETag = "" // but a version all the same
	}
	b := append(strconv.AppendQuote(make([]byte, 0, 128), version), ' ')
	b = append(strconv.AppendInt(b, a.Size, 10), ' ')
	b = append(strconv.AppendQuote(b, a.ContentType), ' ')
	return identity(key, strconv.AppendQuote(b, a.Encoding)), nil
}

// canRange reports whether parts can be promised before all is there: the size is
// known, and the tag says that the bytes are always the same.
func (g *generator) canRange() bool { return g.about.Size >= 0 && rfc9110.IsStrong(g.about.ETag) }

// whole describes the finished copy. Its tag is made of its bytes if the generator
// has none.
func (g *generator) whole(size int64, hash string) files.Description {
	a := g.about
	a.Size = size
	if a.ETag == "" {
		a.ETag = `"` + hash + `"`
	}
	return a
}

// push has the generator write all that is left of it into w. A file that is kept
// somewhere is looked at again in the end: it may have been two versions.
func (g *generator) push(w io.Writer) (int64, error) {
	n, err := own.Copy(w, g.file)
	if err == nil {
		err = g.bottom.CheckUnchanged()
	}
	return n, err
}

// close closes the file that open has returned, and ends the generator's context.
func (g *generator) close() {
	g.closeFile()
	g.cancel()
}

// closeFile closes the file, once; false: not in order, which is logged. A copy of
// such a file cannot be trusted.
func (g *generator) closeFile() bool {
	if g.file == nil {
		return true
	}
	file := g.file
	g.file = nil
	err := guard(file.Close)
	if err != nil {
		slog.WarnContext(g.ctx, "downloadview: the file that a copy is made of cannot be closed", "err", err, "file", g.about.Name)
	}
	return err == nil
}

// guard makes an error of a panic of the generator or the bucket: in the goroutine
// of a run it would end the program.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return f()
}
