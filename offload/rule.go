package offload

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// Rule says where the front server finds what the application serves. It has a
// Dir, or a URL, or both if they are two names of one place.
type Rule struct {
	// Dir: files on disk below this directory, an absolute path. A file is where
	// its name leads when symbolic links are followed, and so is the directory,
	// for each request anew.
	Dir string

	// URL: files whose URL begins with this, as a storage gives them (see
	// files.URLFS): "https://bucket.example/", or "/media/". It ends with a
	// slash. A query that a file's URL has, such as a signature, goes along.
	URL string

	// To is where they are for the front server. For NGINX and Caddy: a location
	// that clients cannot reach, as a path without escapes that begins and ends
	// with a slash, and is not "/" alone. For Apache and Lighttpd: a directory;
	// empty: Dir.
	To string
}

// rule is a Rule that was checked.
type rule struct {
	Rule
	url *url.URL // nil: none
}

// newRule checks r, and says in the error why it cannot work.
func newRule(k *kind, r Rule) (rule, error) {
	checked := rule{Rule: r}
	if r.Dir == "" && r.URL == "" {
		return checked, errors.New("it has neither Dir nor URL")
	}
	if r.Dir != "" {
		if err := checkDir(r.Dir); err != nil {
			return checked, fmt.Errorf("its Dir %q %w", r.Dir, err)
		}
		checked.Dir = filepath.Clean(r.Dir)
	}
	if r.URL != "" {
		u, err := parsePrefix(r.URL)
		if err != nil {
			return checked, fmt.Errorf("its URL %q %w", r.URL, err)
		}
		checked.url = u
	}
	if err := checkTo(k, &checked); err != nil {
		return checked, fmt.Errorf("its To %q %w", r.To, err)
	}
	return checked, nil
}

func checkTo(k *kind, r *rule) error {
	switch {
	case r.To == "" && k.byURI:
		return fmt.Errorf("is empty: %s needs an internal location", k.name)
	case r.To == "" && r.Dir == "":
		return fmt.Errorf("is empty: %s needs a directory", k.name)
	case k.byURI && r.To == "/":
		return errors.New("is where clients ask the application: it must be a location for the front server alone")
	case k.byURI && strings.Contains(r.To, "%"):
		return errors.New("must be without escapes")
	case k.byURI:
		if err := checkRooted(r.To); err != nil {
			return err
		}
	default:
		r.To = cmp.Or(r.To, r.Dir)
		if err := checkDir(r.To); err != nil {
			return err
		}
		r.To = strings.TrimSuffix(r.To, "/") + "/"
	}
	_, err := k.value(r.To + "name")
	return err
}

// checkDir returns the fault of the path of a directory. Where ".." leads
// depends on links, so it is not cleaned but refused.
func checkDir(dir string) error {
	clean := filepath.Clean(dir)
	switch {
	case !filepath.IsAbs(dir):
		return errors.New("is relative: it must be an absolute path")
	case slashed(dir) != slashed(clean):
		return fmt.Errorf("is not a clean path, such as %q", clean)
	case strings.ContainsFunc(dir, isControl):
		return errors.New("has a control character")
	}
	return nil
}

// checkRooted returns the fault of the path of a location. One without a slash
// at its end is half of nginx's alias traversal: /protected../secret.
func checkRooted(p string) error {
	switch {
	case !strings.HasPrefix(p, "/"):
		return errors.New("must begin with a slash")
	case !strings.HasSuffix(p, "/"):
		return errors.New("must end with a slash")
	case strings.TrimSuffix(path.Clean(p), "/")+"/" != p:
		return fmt.Errorf("must be a clean path: no empty elements, no %q, no %q", ".", "..")
	case strings.ContainsFunc(p, isControl):
		return errors.New("has a control character")
	}
	return nil
}

// parsePrefix parses the URL of a Rule.
func parsePrefix(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot be parsed: %w", err)
	case u.Opaque != "" || (u.Scheme == "") != (u.Host == ""):
		return nil, errors.New("must have both scheme and host, or neither")
	case u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("must have the scheme http or https")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("must have neither user, query nor fragment")
	case hasEncodedSlash(u):
		return nil, errors.New("has an escaped slash")
	}
	return u, checkRooted(u.Path)
}

// hasEncodedSlash reports whether a slash would be another once it is decoded.
func hasEncodedSlash(u *url.URL) bool {
	return strings.Contains(strings.ToLower(u.EscapedPath()), "%2f")
}

// checkOverlap refuses rules of which one is within another: they would give one
// file two places, or two files one. (Where two are right, two Middlewares nest.)
func checkOverlap(a, b *rule) error {
	switch {
	case a.Dir != "" && b.Dir != "" && overlap(slashed(a.Dir), slashed(b.Dir)):
		return fmt.Errorf("their Dirs %q and %q overlap", a.Dir, b.Dir)
	case a.url != nil && b.url != nil && sameOrigin(a.url, b.url) && overlap(a.url.Path, b.url.Path):
		return fmt.Errorf("their URLs %q and %q overlap", a.URL, b.URL)
	case overlap(a.To, b.To):
		return fmt.Errorf("their To %q and %q overlap", a.To, b.To)
	}
	return nil
}

func slashed(dir string) string { return strings.TrimSuffix(filepath.ToSlash(dir), "/") + "/" }

// overlap reports whether one of two paths that end with a slash is within the
// other.
func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

// portOf returns the port of u, which may go without saying (RFC 9110 §4.2.3).
func portOf(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}
