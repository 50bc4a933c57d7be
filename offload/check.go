package offload

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxProbe is how large the file may be that Check downloads.
const maxProbe = 64 << 20

// Check asks a deployment for a download, as a client does, and returns an error
// that names the faults of the front server's configuration: one line each, see
// [errors.Join].
//
// url leads to a file, 64 MiB at most, that is handed over. It has to arrive
// whole and by range, with its Content-Disposition, with a validator that is good
// for a 304, and not compressed. The header fields of the hand-over must not be
// seen. The security fields, Vary and Access-Control-Allow-Origin of the
// application's answer to OPTIONS must come with the file, too.
//
// internal has URLs of the same file, or paths on the same host, that clients
// must not reach, such as "/protected/report.pdf".
//
// Some things cannot be seen from outside. Whether the front server has sent the
// file, or the application after all, response.Outcome and the debug log tell; if
// the server asks the application by HTTP/1.0, a warning in the log does. How the
// server buffers what the application sends stands in its configuration only.
//
// A nil client is [http.DefaultClient]. Where the file needs credentials, the
// client has a Jar or a Transport that adds them.
func Check(ctx context.Context, client *http.Client, url string, internal ...string) error {
	c := &check{ctx: ctx, client: cmp.Or(client, http.DefaultClient), url: url}
	whole, err := c.ask(http.MethodGet, url, "")
	if err != nil {
		return fmt.Errorf("offload: %s: %w", url, err)
	}
	if c.arrives(whole) { // else nothing of the rest would mean anything
		c.header(whole)
		c.head(whole)
		c.part(whole)
		c.notModified(whole)
		c.compressed()
		c.security(whole)
	}
	for _, location := range internal {
		c.unreachable(location)
	}
	return errors.Join(c.faults...)
}

// check collects faults.
type check struct {
	ctx    context.Context
	client *http.Client
	url    string
	faults []error
}

func (c *check) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("offload: "+format, args...))
}

// answer is a response with the beginning of its body, or all of it.
type answer struct {
	*http.Response
	body []byte
	err  error // that ended it
}

// ask sends a request with header fields, a line each.
func (c *check) ask(method, url, header string) (*answer, error) {
	req, err := http.NewRequestWithContext(c.ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity") // else package http may decode, and hide that
	for line := range strings.Lines(header) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		req.Header.Set(key, value)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxProbe+1))
	if len(body) > maxProbe {
		return nil, fmt.Errorf("more than %d MiB: choose a smaller file", maxProbe>>20)
	}
	return &answer{resp, body, err}, nil
}

// again asks for the file once more. It returns nil, and adds a fault, if that
// fails.
func (c *check) again(method, what, header string) *answer {
	a, err := c.ask(method, c.url, header)
	if err != nil {
		c.fault("%s fails: %w", what, err)
		return nil
	}
	return a
}

// arrives reports whether there is a file at all.
func (c *check) arrives(a *answer) bool {
	switch {
	case a.Header.Get(accelRedirect) != "":
		c.fault("the client sees %s: nothing in front acts on it. Is the application asked directly? It must listen on loopback only; Caddy needs a handle_response whose matcher fits",
			accelRedirect)
	case a.Header.Get(sendfile) != "":
		c.fault("the client sees %s: nothing in front acts on it. Is the application asked directly? It must listen on loopback only; Apache needs %q, lighttpd %q",
			sendfile, "XSendFile on", `"x-sendfile" => "enable"`)
	case a.Request.URL.String() != c.url && a.Request.Response != nil:
		c.fault("the request is redirected to %s: does it need credentials?", a.Request.URL.Redacted())
	case a.StatusCode == http.StatusForbidden:
		c.fault("status 403: the front server's user must be able to read the file and to enter all directories above it (or the application refuses)")
	case a.StatusCode == http.StatusNotFound:
		c.fault("status 404: the file is not where the rule's To leads; compare it with the internal location and its alias, with XSendFilePath, or with x-sendfile-docroot (or the application has no such file)")
	case a.StatusCode == http.StatusBadGateway:
		c.fault("status 502: the application does not answer, or the head of its answer is larger than proxy_buffer_size")
	case a.StatusCode != http.StatusOK:
		c.fault("status %d, want 200", a.StatusCode)
	case a.err != nil:
		c.fault("the download breaks off after %d bytes: %w", len(a.body), a.err)
	case len(a.body) == 0:
		c.fault("the file is empty: the front server has passed on the application's answer, which has no content; nginx must not have %q (or choose another file)", "proxy_ignore_headers X-Accel-Redirect")
	default:
		return true
	}
	return false
}

// header looks at the header fields of the file.
func (c *check) header(a *answer) {
	for key := range a.Header {
		if strings.HasPrefix(key, "X-Accel-") || strings.HasPrefix(key, "X-Sendfile") {
			c.fault("the client sees %s", key)
		}
	}
	if a.Header.Get("Content-Disposition") == "" {
		c.fault("Content-Disposition is lost: Caddy needs copy_response_headers, and nginx must not hide it by proxy_hide_header")
	}
	if a.Header.Get("X-Content-Type-Options") != "nosniff" {
		c.lost("X-Content-Type-Options")
	}
	switch tag := a.Header.Get("ETag"); {
	case tag == "" && a.Header.Get("Last-Modified") == "":
		c.fault("there is neither ETag nor Last-Modified: a download that broke off cannot be resumed; nginx must not have %q", "etag off")
	case strings.HasPrefix(tag, "W/"):
		c.fault("ETag %s is weak, and good for no range: compression must be off for the file, in nginx by %q in the internal location", tag, "gzip off")
	case tag == `"0"`:
		c.fault("ETag %s is what mod_xsendfile gives to every file: Apache must not have %q", tag, "XSendFileIgnoreEtag on")
	}
}

// lost says that the client does not get a header field of the application.
func (c *check) lost(key string) {
	c.fault("%s is lost: nginx needs %q in the internal location (where there is an add_header, none from further out counts), and Caddy copy_response_headers",
		key, "add_header "+key+" $upstream_http_"+strings.ReplaceAll(strings.ToLower(key), "-", "_")+" always")
}

func (c *check) head(whole *answer) {
	a := c.again(http.MethodHead, "HEAD", "")
	if a != nil && (a.StatusCode != http.StatusOK || a.ContentLength >= 0 && a.ContentLength != int64(len(whole.body))) {
		c.fault("HEAD: status %d and Content-Length %d, want 200 and %d", a.StatusCode, a.ContentLength, len(whole.body))
	}
}

func (c *check) part(whole *answer) {
	from := len(whole.body) / 2
	fields := fmt.Sprintf("Range: bytes=%d-\n", from)
	if tag := whole.Header.Get("ETag"); strings.HasPrefix(tag, `"`) {
		fields += "If-Range: " + tag
	}
	a := c.again(http.MethodGet, "a range", fields)
	switch {
	case a == nil:
	case a.StatusCode == http.StatusOK:
		c.fault("a range is answered by all of the file: nginx must have neither %q nor %q in the internal location, and lighttpd not %q",
			"max_ranges 0", "gzip on", `server.range-requests = "disable"`)
	case a.StatusCode != http.StatusPartialContent:
		c.fault("a range is answered by status %d, want 206", a.StatusCode)
	case !bytes.Equal(a.body, whole.body[from:]):
		c.fault("a range has other bytes than the file")
	}
}

func (c *check) notModified(whole *answer) {
	field := "If-Modified-Since: " + whole.Header.Get("Last-Modified")
	if tag := whole.Header.Get("ETag"); tag != "" {
		field = "If-None-Match: " + tag
	}
	if strings.HasSuffix(field, ": ") {
		return
	}
	if a := c.again(http.MethodGet, "a condition", field); a != nil && a.StatusCode != http.StatusNotModified {
		c.fault("%q is answered by status %d, want 304: ETag must be the front server's own or the application's, not one beside the other (nginx: no add_header ETag)", field, a.StatusCode)
	}
}

func (c *check) compressed() {
	a := c.again(http.MethodGet, "a request that accepts gzip", "Accept-Encoding: gzip, br, zstd")
	if a == nil {
		return
	}
	if coding := a.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		c.fault("the file is compressed (%s), so that it cannot be resumed: nginx needs %q in the internal location, Apache %q, and Caddy no encode for it", coding, "gzip off", "SetEnv no-gzip 1")
	}
}

// compared are the fields that an application sets on all its answers.
var compared = []string{
	"Access-Control-Allow-Origin", "Content-Security-Policy", "Cross-Origin-Embedder-Policy", "Cross-Origin-Opener-Policy",
	"Cross-Origin-Resource-Policy", "Permissions-Policy", "Referrer-Policy", "Strict-Transport-Security", "Vary", "X-Frame-Options",
}

// security compares with an answer that the application gives by itself.
func (c *check) security(whole *answer) {
	own := c.again(http.MethodOptions, "OPTIONS", "")
	if own == nil {
		return
	}
	for _, key := range compared {
		want, got := elements(own.Header[key]), elements(whole.Header[key])
		lacks := func(element string) bool { return !slices.Contains(got, element) }
		switch {
		case len(want) > 0 && len(got) == 0:
			c.lost(key)
		case slices.ContainsFunc(want, lacks):
			c.fault("%s is %q with the file, and %q with the application's answer to OPTIONS: nginx before 1.23 passes on one line of several, and an add_header with a fixed value hides the application's",
				key, got, want)
		}
	}
}

// elements returns the elements of a field's lines, which are one list (RFC 9110
// §5.3).
func elements(lines []string) (all []string) {
	for element := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if element = strings.TrimSpace(element); element != "" {
			all = append(all, element)
		}
	}
	return all
}

// unreachable asks for a location that only the front server may use.
func (c *check) unreachable(location string) {
	base, err := url.Parse(c.url)
	if err == nil {
		base, err = base.Parse(location)
	}
	if err != nil {
		c.fault("internal location: %w", err)
		return
	}
	a, err := c.ask(http.MethodGet, base.String(), "")
	switch {
	case err != nil:
		c.fault("internal location %s: %w", location, err)
	case a.StatusCode < 400 || a.StatusCode > 499:
		c.fault("%s answers %d from outside, want 404: its location needs %q", location, a.StatusCode, "internal")
	}
}
