package views

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
)

// PathParam returns a router's path parameter without escapes, once, whatever
// the router: [http.ServeMux], chi, or one that fills r.SetPathValue. It is ""
// if the router has no parameter of that name. The error is [fs.ErrNotExist]:
// the value is no part of a URL, so nothing can be there.
//
// r.PathValue(name) is not enough. ServeMux gives the value without escapes. chi
// (its URLParam too) gives it as it stands in the URL's RawPath, which is set where
// the URL has escapes that are not needed, or an escaped slash. To unescape twice
// would make a slash of "%252F", behind the back of a check that was made before.
//
// A value that stands in the RawPath and not in the Path is unescaped. Any other is
// final. Only a crafted URL has a value in both; it then keeps an escape too many,
// and names no file.
func PathParam(r *http.Request, name string) (string, error) {
	value := r.PathValue(name)
	if !strings.Contains(r.URL.RawPath, value) || strings.Contains(r.URL.Path, value) {
		return value, nil
	}
	unescaped, err := url.PathUnescape(value)
	if err != nil {
		return "", fmt.Errorf("path parameter %q: %w: %w", name, fs.ErrNotExist, err)
	}
	return unescaped, nil
}
