package offload

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-downloadview/downloadview/response"
)

// Why a file is not handed over.
var (
	errEncoded     = errors.New("its bytes are stored in a content coding")
	errEncoder     = errors.New("a middleware in front encodes the answer")
	errEmpty       = errors.New("it is empty, and the server would not send it")
	errNoTag       = errors.New("it has no ETag, and the server would give every such file the same")
	errNoRule      = errors.New("no rule matches: it is not on disk below a Dir, and has no URL that begins with one")
	errReplaced    = errors.New("another file has its name by now")
	errQuery       = errors.New("its URL has a query, which the server cannot take")
	errUncleanURL  = errors.New("the path of its URL is not clean")
	errNotModified = errors.New("the view takes it for modified, and the server would not")
)

// locate returns where the file is for the front server; the error says why the
// application sends it instead.
func (m *Middleware) locate(ctx context.Context, h http.Header, rep *response.Representation) (string, error) {
	switch {
	case rep.Encoding != "" && !m.kind.sendsCoded:
		return "", errEncoded
	case h.Get("Content-Encoding") != "" && !strings.EqualFold(h.Get("Content-Encoding"), "identity"):
		return "", errEncoder
	case m.kind.noEmpty && rep.Size == 0:
		return "", errEmpty
	case m.kind.needsTag && rep.ETag == "":
		return "", errNoTag
	}
	var onDisk string
	if m.onDir && rep.OnDisk != nil {
		var err error
		if onDisk, err = pathOf(rep.OnDisk); err != nil {
			return "", err
		}
	}
	var u *url.URL // once a rule wants it: a signature costs something
	for i := range m.rules {
		rule := &m.rules[i]
		if rel, ok := rule.below(onDisk); ok {
			return m.kind.value(rule.To + rel)
		}
		if rule.url == nil {
			continue
		}
		if u == nil {
			var err error
			if u, err = urlOf(ctx, rep); err != nil {
				return "", err
			}
		}
		if rest, ok := rule.cutURL(u); ok {
			return m.urlValue(rule.To, rest, u)
		}
	}
	return "", errNoRule
}

// pathOf returns the path of f without symbolic links, if f is still there.
// A name that only this process knows (/dev/fd/3), and one that was relative to
// another working directory, are found out in the same way as a file that was
// replaced.
func pathOf(f *os.File) (string, error) {
	name, err := filepath.Abs(f.Name())
	if err != nil {
		return "", err
	}
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return "", fmt.Errorf("it is not where it was opened: %w", err)
	}
	opened, err := f.Stat()
	if err != nil {
		return "", err
	}
	there, err := os.Lstat(name)
	if err != nil {
		return "", err
	}
	if !os.SameFile(opened, there) {
		return "", errReplaced
	}
	return name, nil
}

// below returns the rest of name, slash-separated, if it is in the rule's Dir. There
// are no links in name, and so none in a Dir that it begins with: only another has
// to be looked at.
func (r *rule) below(name string) (string, bool) {
	if r.Dir == "" || name == "" {
		return "", false
	}
	name = filepath.ToSlash(name)
	if rel, ok := strings.CutPrefix(name, slashed(r.Dir)); ok {
		return rel, true
	}
	dir, err := filepath.EvalSymlinks(r.Dir)
	if err != nil {
		return "", false // no file can be in it
	}
	return strings.CutPrefix(name, slashed(dir))
}

// urlOf returns the URL of the file; it is empty if the file has none.
func urlOf(ctx context.Context, rep *response.Representation) (*url.URL, error) {
	raw, err := rep.URL(ctx)
	if err != nil {
		return nil, fmt.Errorf("no URL: %w", err)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("its URL cannot be parsed") // and may be a secret
	}
	return u, nil
}

// cutURL returns the rest of u's path, without escapes, if u begins with the
// rule's URL.
func (r *rule) cutURL(u *url.URL) (string, bool) {
	if u.User != nil || u.Fragment != "" || !sameOrigin(u, r.url) {
		return "", false
	}
	return strings.CutPrefix(u.Path, r.url.Path)
}

// urlValue returns the value of the header field for the rest of u, below to.
func (m *Middleware) urlValue(to, rest string, u *url.URL) (string, error) {
	if rest == "" || path.Clean("/"+rest) != "/"+rest || strings.ContainsRune(rest, 0) || hasEncodedSlash(u) {
		return "", errUncleanURL
	}
	value, err := m.kind.value(to + rest)
	if err != nil || u.RawQuery == "" {
		return value, err
	}
	if !m.kind.byURI || m.kind.raw || strings.ContainsFunc(u.RawQuery, isNotVisible) {
		return "", errQuery
	}
	return value + "?" + u.RawQuery, nil // not a byte of a signature may change
}

func isNotVisible(r rune) bool { return r <= ' ' || r > '~' }
