package downloadtest

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// disposition is a Content-Disposition as a client reads it (RFC 6266 §4).
type disposition struct {
	kind     string // "attachment", "inline"
	name     string // filename* if it is there, else filename (§4.3)
	fallback string // filename, for clients that know no other; "" if it is not there
}

// parseDisposition reads the Content-Disposition of a response.
func parseDisposition(h http.Header) (d disposition, err error) {
	lines := h.Values("Content-Disposition")
	if len(lines) != 1 {
		return d, fmt.Errorf("%d fields Content-Disposition, want 1", len(lines))
	}
	var params map[string]string
	if d.kind, params, err = mime.ParseMediaType(lines[0]); err != nil {
		return d, fmt.Errorf("Content-Disposition: %s: %w", lines[0], err)
	}
	d.name = params["filename"] // package mime lets filename* win
	if _, params, err = mime.ParseMediaType(cutExtended(lines[0])); err != nil {
		return d, fmt.Errorf("Content-Disposition: %s: without filename*: %w", lines[0], err)
	}
	d.fallback = params["filename"]
	return d, nil
}

// cutExtended returns a Content-Disposition without its filename*.
func cutExtended(value string) string {
	var kept []string
	quoted, start := false, 0
	for i := 0; i <= len(value); i++ {
		switch {
		case i == len(value) || value[i] == ';' && !quoted:
			param := value[start:i]
			if key, _, _ := strings.Cut(param, "="); !strings.EqualFold(strings.TrimSpace(key), "filename*") {
				kept = append(kept, param)
			}
			start = i + 1
		case value[i] == '"':
			quoted = !quoted
		case value[i] == '\\' && quoted:
			i++
		}
	}
	return strings.Join(kept, ";")
}

// checkName returns why name is not safe to be given to a client.
func checkName(name string) error {
	switch {
	case strings.Trim(name, ". ") == "":
		return errors.New("there is nothing but dots and spaces in it")
	case !utf8.ValidString(name):
		return errors.New("it is not UTF-8")
	case len(name) > 255:
		return fmt.Errorf("it is %d bytes long, more than file systems take", len(name))
	}
	for _, r := range name {
		switch {
		case r == '/' || r == '\\':
			return fmt.Errorf("%q separates paths", r)
		case unicode.Is(unicode.Bidi_Control, r):
			return fmt.Errorf("%q makes it look like another", r)
		case unicode.IsControl(r):
			return fmt.Errorf("%q is a control character", r)
		}
	}
	return nil
}

// checkFallback returns why clients read fallback in different ways.
func checkFallback(fallback string) error {
	for i, r := range fallback {
		switch {
		case r >= utf8.RuneSelf:
			return fmt.Errorf("%q is not ASCII: clients disagree on its encoding", r)
		case r == '"' || r == '\\':
			return fmt.Errorf("%q needs an escape, which many clients do not know", r)
		case r == '%' && isHex(fallback, i+1) && isHex(fallback, i+2):
			return fmt.Errorf("%q is decoded by some clients", fallback[i:i+3])
		}
	}
	return nil
}

func isHex(s string, i int) bool {
	return i < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
}
