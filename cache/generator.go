package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"

	"github.com/go-downloadview/downloadview/internal/own"
)

// generator is what open returned, described but not started.
type generator struct {
	file   fs.File
	info   *info
	id     string          // of the copy
	ctx    context.Context // the generator's own
	cancel context.CancelFunc
}

// newGenerator calls open. The generator's context has the values of ctx; it ends
// with ctx while open is at work, and not after that.
func newGenerator(ctx context.Context, key string, open func(context.Context) (fs.File, error)) (_ *generator, err error) {
	g := &generator{}
	g.ctx, g.cancel = context.WithCancel(context.WithoutCancel(ctx))
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
		return nil, errors.New("cache: open returned neither a file nor an error")
	}
	g.file = file
	own, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if own.IsDir() {
		return nil, fmt.Errorf("cache: %s is a directory: %w", own.Name(), fs.ErrNotExist)
	}
	g.info = describe(g.ctx, own)
	g.id = identity(key, g.info.version(g.ctx, make([]byte, 0, 128)))
	if !stop() {
		return nil, ctx.Err()
	}
	described = true
	return g, nil
}

// close releases what open has opened, and ends the generator's context.
func (g *generator) close() {
	defer g.cancel()
	if err := g.closeFile(); err != nil {
		g.logClosing(err)
	}
}

// closeFile closes what open has opened, once.
func (g *generator) closeFile() error {
	if g.file == nil {
		return nil
	}
	file := g.file
	g.file = nil
	return file.Close()
}

func (g *generator) logClosing(err error) {
	slog.WarnContext(g.ctx, "downloadview: closing what a copy is made of", "err", err, "file", g.name())
}

func (g *generator) name() string {
	if g.info == nil {
		return ""
	}
	return g.info.Name()
}

// push has the generator write all that is left of it into w.
func (g *generator) push(w io.Writer) (int64, error) {
	if wt, ok := own.WriterTo(g.file); ok {
		return wt.WriteTo(w)
	}
	return io.Copy(w, struct{ io.Reader }{g.file})
}
