package views

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/internal/rfc9110"
	"github.com/go-downloadview/downloadview/response"
)

// suffixes are what the name of a file in a content coding ends with.
var suffixes = map[string]string{"br": ".br", "gzip": ".gz", "zstd": ".zst"}

// checkPrecompressed returns why a view cannot have these codings and options.
func checkPrecompressed(codings []string, opts response.Options) error {
	for _, coding := range codings {
		if suffixes[coding] == "" {
			return fmt.Errorf(`a coding of Precompressed: %q is none of "br", "gzip" and "zstd"`, coding)
		}
	}
	if len(codings) > 0 && opts.Encoding != "" {
		return errors.New("Options.Encoding is one coding for all files, Precompressed chooses one")
	}
	return nil
}

// openAccepted opens the file of the given name, or a file beside it that has the
// same content in one of codings, if the client of r accepts that. If the file
// beside it cannot be opened, the client gets the first.
func openAccepted(r *http.Request, name string, codings []string, open func(name string) (fs.File, error)) (fs.File, error) {
	file, err := open(name)
	if err != nil || len(codings) == 0 {
		return file, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	if coding, _ := files.ContentEncoding(r.Context(), info); coding != "" || strings.EqualFold(path.Ext(name), ".svgz") {
		return file, nil // what lies beside it is in two codings
	}
	accepted, _ := rfc9110.Field(r.Header["Accept-Encoding"])
	for _, coding := range rfc9110.AcceptedCodings(accepted, codings) {
		coded, err := openCoded(coding, name, info, open)
		if err == nil {
			file.Close()
			return coded, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			level := slog.LevelWarn
			if errors.Is(err, errOlder) || r.Context().Err() != nil {
				level = slog.LevelDebug
			}
			slog.Log(r.Context(), level, "downloadview: precompressed file not used", "err", err, "file", name, "coding", coding)
		}
	}
	return &variant{file, &variantInfo{info, info, "identity"}}, nil
}

var errOlder = errors.New("views: it is older than the file itself")

// openCoded opens the file that has the content of the file of that name in coding,
// if it is not older.
func openCoded(coding, name string, plain fs.FileInfo, open func(name string) (fs.File, error)) (fs.File, error) {
	file, err := open(name + suffixes[coding])
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	// In whole seconds, for some compressors cut the time that they copy.
	if err == nil && info.ModTime().Unix() < plain.ModTime().Unix() {
		err = errOlder
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return &variant{file, &variantInfo{info, plain, coding}}, nil
}

// variant is one of the files that have the same content in different codings.
type variant struct {
	file fs.File
	info *variantInfo
}

var (
	_ fs.File              = (*variant)(nil)
	_ files.ModifiedSincer = (*variant)(nil)
)

func (v *variant) Stat() (fs.FileInfo, error) { return v.info, nil }
func (v *variant) Read(p []byte) (int, error) { return v.file.Read(p) }
func (v *variant) Close() error               { return v.file.Close() }

// Unwrap returns the file that has the bytes: see [files.Unwrap].
func (v *variant) Unwrap() fs.File { return v.file }

func (v *variant) WasModifiedSince(since time.Time) (bool, error) {
	return files.WasModifiedSince(v.file, since)
}

// variantInfo describes bytes by their own file, and content by the plain one.
type variantInfo struct {
	fs.FileInfo             // of the file that has the bytes
	plain       fs.FileInfo // of the file in no coding
	coding      string      // "identity" if that is the same
}

var (
	_ files.ContentTyper   = (*variantInfo)(nil)
	_ files.ContentEncoder = (*variantInfo)(nil)
	_ files.ETager         = (*variantInfo)(nil)
	_ files.URLer          = (*variantInfo)(nil)
)

// Unwrap returns what the file that has the bytes says of itself.
func (i *variantInfo) Unwrap() fs.FileInfo { return i.FileInfo }

func (i *variantInfo) Name() string { return i.plain.Name() }

func (i *variantInfo) ContentType(ctx context.Context) (string, error) {
	return files.ContentType(ctx, i.plain)
}

func (i *variantInfo) ContentEncoding(context.Context) (string, error) { return i.coding, nil }

// ETag is the file's own, with the coding: other files may have the same.
func (i *variantInfo) ETag(ctx context.Context) (string, error) {
	tag, err := files.ETag(ctx, i.FileInfo)
	if i.coding != "identity" && tag != "" {
		tag = rfc9110.CodedTag(tag, i.coding)
	}
	return tag, err
}

// URL is of the content in no coding. Of another file it is not told: a bucket that
// does not know the coding would serve compressed bytes as if they were the content.
func (i *variantInfo) URL(ctx context.Context) (string, error) {
	if i.coding != "identity" {
		return "", errors.ErrUnsupported
	}
	return files.URL(ctx, i.FileInfo)
}
