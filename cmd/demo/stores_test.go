package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestConditions asks for what a client may ask for that has a part or the
// whole already.
func TestConditions(t *testing.T) {
	srv := newTestServer(t)
	for _, path := range []string{
		"/disk/page.css", "/greetings/Ελληνικά.txt", "/documents/style", "/documents/endpaper", "/proxy.csv",
	} {
		whole, body := get(t, srv.URL+path, nil)
		tag, size := whole.Header.Get("Etag"), len(body)
		if whole.Header.Get("Accept-Ranges") != "bytes" || tag == "" {
			t.Errorf("%s: Accept-Ranges %q, ETag %q", path, whole.Header.Get("Accept-Ranges"), tag)
		}
		tests := []struct {
			reason       string
			header       http.Header
			status       int
			body         []byte
			contentRange string
		}{
			{"from the middle on", http.Header{"Range": {"bytes=10-"}},
				206, body[10:], fmt.Sprintf("bytes 10-%d/%d", size-1, size)},
			{"some bytes", http.Header{"Range": {"bytes=3-11"}, "If-Range": {tag}},
				206, body[3:12], fmt.Sprintf("bytes 3-11/%d", size)},
			{"the last byte", http.Header{"Range": {"bytes=-1"}},
				206, body[size-1:], fmt.Sprintf("bytes %d-%[1]d/%d", size-1, size)},
			{"a part of another version", http.Header{"Range": {"bytes=3-11"}, "If-Range": {`"another"`}},
				200, body, ""},
			{"beyond the end", http.Header{"Range": {fmt.Sprintf("bytes=%d-", size)}},
				416, nil, fmt.Sprintf("bytes */%d", size)},
			{"the same version", http.Header{"If-None-Match": {tag}},
				304, []byte{}, ""},
			{"another version", http.Header{"If-None-Match": {`"another"`}},
				200, body, ""},
			{"only the same version", http.Header{"If-Match": {`"another"`}},
				412, nil, ""},
		}
		for _, tt := range tests {
			resp, got := get(t, srv.URL+path, tt.header)
			if resp.StatusCode != tt.status || resp.Header.Get("Content-Range") != tt.contentRange {
				t.Errorf("%s, %s: status %d, Content-Range %q, want %d, %q",
					path, tt.reason, resp.StatusCode, resp.Header.Get("Content-Range"), tt.status, tt.contentRange)
			}
			if tt.body != nil && !bytes.Equal(got, tt.body) {
				t.Errorf("%s, %s: %d bytes, not the %d wanted", path, tt.reason, len(got), len(tt.body))
			}
		}
	}
}

func TestNotFound(t *testing.T) {
	srv := newTestServer(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.stores.disk.Symlink(self, "out"); err != nil {
		t.Fatal(err)
	}
	if _, err := srv.stores.library.Exec(
		"INSERT INTO documents (id, name, type, key) VALUES ('lost', 'Lost.txt', 'text/plain', 'lost.txt')"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ path, reason string }{
		{"/disk/nothing.go", "there is no such file"},
		{"/disk/", "a directory"},
		{"/disk/../main.go", "out of the root"},
		{"/disk/%2e%2e/main.go", "out of the root, escaped"},
		{"/disk/%2fetc/passwd", "an absolute path"},
		{"/disk/out", "a link out of the root"},
		{"/disk/main.go%00", "no name"},
		{"/greetings/nothing.txt", "there is no such file"},
		{"/greetings/", "a directory"},
		{"/greetings/../English.txt", "no name in a storage"},
		{"/documents/nothing", "there is no such row"},
		{"/documents/lost", "the row is there, but its file is not"},
		{"/documents/' OR ''='", "an id like any other"},
	} {
		if resp, _ := get(t, srv.URL+tt.path, nil); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s (%s): status %d, want 404", tt.path, tt.reason, resp.StatusCode)
		}
	}
}

func TestDisk(t *testing.T) {
	srv := newTestServer(t)
	want, err := embedded.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, got := get(t, srv.URL+"/disk/main.go", nil)
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("main.go (-want +got):\n%s", diff)
	}
}

func TestGreetings(t *testing.T) {
	srv := newTestServer(t)
	for _, g := range greetings {
		if _, got := get(t, srv.URL+"/greetings/"+g.name, nil); string(got) != g.text {
			t.Errorf("%s: got %q, want %q", g.name, got, g.text)
		}
	}
}

func TestLibraryLost(t *testing.T) {
	srv := newTestServer(t)
	if err := srv.stores.library.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/documents/endpaper", "/"} {
		resp, _ := get(t, srv.URL+path, nil)
		if resp.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s: status %d without a database, want 500", path, resp.StatusCode)
		}
	}
}

// TestProxy checks that the demo asks itself, whatever host the client names.
func TestProxy(t *testing.T) {
	srv := newTestServer(t)
	_, want := get(t, srv.URL+"/unicode.csv", nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/proxy.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "elsewhere.invalid"
	resp, got := do(t, req)
	if resp.StatusCode != http.StatusOK || !bytes.Equal(got, want) {
		t.Errorf("status %d, %d bytes, want 200 and the %d of /unicode.csv", resp.StatusCode, len(got), len(want))
	}
}

func TestStoresClose(t *testing.T) {
	stores, err := openStores()
	if err != nil {
		t.Fatal(err)
	}
	dir := stores.disk.Name()
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
	if err := stores.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there after Close (error %v)", dir, err)
	}
}
