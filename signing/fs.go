package signing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/internal/rfc9110"
)

// FS is a storage whose files have URLs: links to the view that serves them. So
// a program asks any storage for the URL of a file in the same way as a bucket
// (files.URLFS), and pages need not know which it is. Make it with [NewFS].
//
// Files are opened by the storage in it. The view that the links lead to is given
// that storage, and not the FS: with the option Redirect it would redirect to
// itself. It serves no names that begin with a dot, unless its Allow says so.
//
// In django-downloadview: SignedFileSystemStorage.
type FS struct {
	fs.FS
	signer   *Signer
	base     *url.URL
	lifetime time.Duration
}

var _ fs.StatFS = (*FS)(nil)

// NewFS returns storage with links. They are base, the URL that the view is
// mounted at, with the name of the file added to its path, and are good for
// lifetime, to the whole second before that. base may be a path alone, and may
// have parameters, which are covered.
//
//	private, err := signing.NewFS(storage, signer, "https://example.com/private/", time.Hour)
//
//	views.Mount(r.With(signer.Wrap), "/private/*", views.StorageDownloadView{Storage: storage})
func NewFS(storage fs.FS, signer *Signer, base string, lifetime time.Duration) (*FS, error) {
	if storage == nil || signer == nil {
		return nil, errors.New("signing: NewFS: no storage, or no signer")
	}
	if lifetime < time.Second {
		return nil, fmt.Errorf("signing: NewFS: a lifetime of %v: links are good for whole seconds", lifetime)
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("signing: NewFS: %w", err)
	}
	f := &FS{storage, signer, u, lifetime}
	if _, err := f.URL(context.Background(), "name"); err != nil {
		return nil, fmt.Errorf("signing: NewFS: %q can have no links: %w", base, err)
	}
	return f, nil
}

// URL returns a link to the file of that name, which need not exist. A name that
// is not one ([fs.ValidPath]) is [fs.ErrInvalid].
func (f *FS) URL(_ context.Context, name string) (string, error) {
	if !fs.ValidPath(name) || name == "." {
		return "", &fs.PathError{Op: "url", Path: name, Err: fs.ErrInvalid}
	}
	u := *f.base
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + name
	u.RawPath = strings.TrimSuffix(f.base.EscapedPath(), "/") + "/" + rfc9110.EscapePath(name)
	signed, err := f.signer.Sign(&u, f.signer.now().Add(f.lifetime))
	if err != nil {
		return "", err
	}
	return signed.String(), nil
}

// Stat describes a file, by the Stat method of the storage if it has one.
func (f *FS) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.FS, name) }

// WithContext returns the storage for the duration of ctx, if the one in it has
// such a method (files.ContextFS).
func (f *FS) WithContext(ctx context.Context) fs.FS {
	inner, ok := f.FS.(interface {
		WithContext(context.Context) fs.FS
	})
	if !ok {
		return f
	}
	bound := *f
	bound.FS = inner.WithContext(ctx)
	return &bound
}
