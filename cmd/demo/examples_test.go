package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

func TestExamples(t *testing.T) {
	tests := []struct {
		path, disposition, contentType string
		begin, end                     string // of the content
	}{
		{"/text", `attachment; filename="hello-world.txt"`, "text/plain; charset=utf-8", "Hello world!\n", "Hello world!\n"},
		{"/reader", `attachment; filename="reader.txt"`, "text/plain; charset=utf-8", "Hello from ", "strings.Reader!\n"},
		{"/generated", `attachment; filename="fibonacci.txt"`, "text/plain; charset=utf-8",
			"F(0) = 0\nF(1) = 1\nF(2) = 1\nF(3) = 2\nF(4) = 3\nF(5) = 5\n", "48213909414076005501\n"},
		{"/not-modified", `attachment; filename="constant.txt"`, "text/plain; charset=utf-8", "Some things", "never change.\n"},
		{"/unicode.csv", `attachment; filename="unicode.csv"`, "text/csv; charset=utf-8", "code point,character,", "VARIATION SELECTOR-256,Mn,Inherited\n"},
		{"/picture/40x30.png", `inline; filename="marble.png"`, "image/png", "\x89PNG", "IEND\xaeB`\x82"},
		{"/disk/page.css", `attachment; filename="page.css"`, "text/css; charset=utf-8", ":root {", "}\n"},
		{"/greetings/Français.txt", `attachment; filename="Francais.txt"; filename*=UTF-8''Fran%C3%A7ais.txt`,
			"text/plain; charset=utf-8", "Bonjour le", "monde !\n"},
		{"/greetings/Ελληνικά.txt", `attachment; filename="________.txt"; filename*=UTF-8''%CE%95%CE%BB%CE%BB%CE%B7%CE%BD%CE%B9%CE%BA%CE%AC.txt`,
			"text/plain; charset=utf-8", "Γεια σου,", "κόσμε!\n"},
		{"/documents/catalogue", `attachment; filename="Catalogue.go"`, "text/plain; charset=utf-8", "package main\n", "}\n"},
		{"/documents/endpaper", `attachment; filename="Marbled endpaper.png"`, "image/png", "\x89PNG", "IEND\xaeB`\x82"},
		{"/documents/style", `attachment; filename="House style.css"`, "text/css; charset=utf-8", ":root {", "}\n"},
		{"/signed", `attachment; filename="signing.go"`, "text/plain; charset=utf-8", "package main\n", "}\n"},
		{"/proxy.csv", `attachment; filename="unicode-by-proxy.csv"`, "text/csv; charset=utf-8", "code point,character,", "VARIATION SELECTOR-256,Mn,Inherited\n"},
	}
	srv := newTestServer(t)
	for _, tt := range tests {
		resp, body := get(t, srv.URL+tt.path, nil)
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", tt.path, resp.StatusCode)
		}
		if got := resp.Header.Get("Content-Disposition"); got != tt.disposition {
			t.Errorf("%s: Content-Disposition: got %q, want %q", tt.path, got, tt.disposition)
		}
		if got := resp.Header.Get("Content-Type"); got != tt.contentType {
			t.Errorf("%s: Content-Type: got %q, want %q", tt.path, got, tt.contentType)
		}
		if !strings.HasPrefix(string(body), tt.begin) || !strings.HasSuffix(string(body), tt.end) {
			t.Errorf("%s: %d bytes do not begin with %q or do not end with %q: …%q",
				tt.path, len(body), tt.begin, tt.end, body[max(0, len(body)-80):])
		}
	}
}

func TestNotModified(t *testing.T) {
	srv := newTestServer(t)
	resp, _ := get(t, srv.URL+"/not-modified", http.Header{"If-Modified-Since": {"Thu, 01 Jan 2026 00:00:00 GMT"}})
	if resp.StatusCode != http.StatusNotModified {
		t.Errorf("status %d, want 304", resp.StatusCode)
	}
}

func TestPicture(t *testing.T) {
	tests := []struct {
		size   string
		reason string
		status int
	}{
		{"40x30", "a picture of any size", 200},
		{"1x1", "the smallest", 200},
		{"1920x1", "the widest", 200},
		{"1x1200", "the highest", 200},
		{"1921x1", "too wide", 404},
		{"1x1201", "too high", 404},
		{"0x30", "nothing to see", 404},
		{"-40x30", "a sign is not a digit", 404},
		{"+40x30", "a sign is not a digit", 404},
		{"99999999999999999999x30", "beyond every integer", 404},
		{"axb", "not numbers", 404},
		{"40x", "no height", 404},
		{"40", "no height", 404},
	}
	srv := newTestServer(t)
	for _, tt := range tests {
		resp, body := get(t, srv.URL+"/picture/"+tt.size+".png", nil)
		if resp.StatusCode != tt.status {
			t.Errorf("%s (%s): status %d, want %d", tt.size, tt.reason, resp.StatusCode, tt.status)
		}
		if tt.status != 200 {
			continue
		}
		picture, err := png.Decode(bytes.NewReader(body))
		if err != nil {
			t.Errorf("%s: %v", tt.size, err)
		} else if got := fmt.Sprintf("%dx%d", picture.Bounds().Dx(), picture.Bounds().Dy()); got != tt.size {
			t.Errorf("%s: the picture is %s", tt.size, got)
		}
	}
}

func TestFailing(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	var log bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	srv := newTestServer(t)
	resp, err := srv.Client().Get(srv.URL + "/failing.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err == nil {
		t.Errorf("reading the body: got no error, want one")
	}
	if n < 2<<20 {
		t.Errorf("it failed after %d bytes, want some megabytes", n)
	}
	srv.Close() // so that nothing is written to log any more
	if !strings.Contains(log.String(), "the connection to the database was lost") {
		t.Errorf("the cause is not in the log: %s", log.String())
	}
}

func TestUnicode(t *testing.T) {
	srv := newTestServer(t)
	resp, body := get(t, srv.URL+"/unicode.csv", nil)
	if resp.ContentLength != int64(len(body)) {
		t.Errorf("Content-Length %d for %d bytes", resp.ContentLength, len(body))
	}
	if want := fmt.Sprintf(`"%x"`, sha256.Sum256(body))[:33] + `"`; resp.Header.Get("Etag") != want {
		t.Errorf("ETag: got %s, want %s", resp.Header.Get("Etag"), want)
	}
	if _, again := get(t, srv.URL+"/unicode.csv", nil); !bytes.Equal(body, again) {
		t.Error("a second download differs from the first")
	}

	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, row := range rows[1:] {
		got[row[0]] = row[1:]
	}
	want := map[string][]string{}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf) {
			want[fmt.Sprintf("U+%04X", r)] = nil
		}
	}
	for code := range want {
		if got[code] == nil {
			t.Errorf("%s is missing", code)
		}
	}
	if len(rows) != 1+len(want) || len(got) != len(want) {
		t.Errorf("%d rows for %d characters, want %d", len(rows)-1, len(got), len(want))
	}
	for code, want := range map[string][]string{
		"U+0000":  {"", "<control>", "Cc", "Common"},
		"U+0022":  {`"`, "QUOTATION MARK", "Po", "Common"},
		"U+002C":  {",", "COMMA", "Po", "Common"},
		"U+0041":  {"A", "LATIN CAPITAL LETTER A", "Lu", "Latin"},
		"U+0301":  {"\u0301", "COMBINING ACUTE ACCENT", "Mn", "Inherited"},
		"U+03B1":  {"α", "GREEK SMALL LETTER ALPHA", "Ll", "Greek"},
		"U+200D":  {"", "ZERO WIDTH JOINER", "Cf", "Inherited"},
		"U+2028":  {"\u2028", "LINE SEPARATOR", "Zl", "Common"},
		"U+4E2D":  {"中", "<CJK Ideograph>", "Lo", "Han"},
		"U+D55C":  {"한", "<Hangul Syllable>", "Lo", "Hangul"},
		"U+1F600": {"😀", "GRINNING FACE", "So", "Common"},
	} {
		if diff := cmp.Diff(want, got[code]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
	}
	for code, row := range got {
		if row[1] == "" || unicode.Categories[row[2]] == nil || unicode.Scripts[row[3]] == nil {
			t.Errorf("%s: %q has no name, category or script", code, row)
		}
	}
}

func TestUnicodeRanges(t *testing.T) {
	srv := newTestServer(t)
	whole, body := get(t, srv.URL+"/unicode.csv", nil)
	for _, tt := range []struct {
		ranges      string
		first, last int
	}{
		{"bytes=0-0", 0, 0},
		{"bytes=1000000-1234567", 1000000, 1234567},
		{"bytes=6000000-", 6000000, len(body) - 1},
		{"bytes=-1", len(body) - 1, len(body) - 1},
	} {
		resp, part := get(t, srv.URL+"/unicode.csv", http.Header{"Range": {tt.ranges}, "If-Range": {whole.Header.Get("Etag")}})
		if resp.StatusCode != http.StatusPartialContent {
			t.Errorf("%s: status %d, want 206", tt.ranges, resp.StatusCode)
		}
		if !bytes.Equal(part, body[tt.first:tt.last+1]) {
			t.Errorf("%s: %d bytes that are not those of the whole file", tt.ranges, len(part))
		}
	}
}

func TestToneHeader(t *testing.T) {
	srv := newTestServer(t)
	resp, got := get(t, srv.URL+"/tone.wav", http.Header{"Range": {"bytes=0-43"}})
	if want := "bytes 0-43/317520044"; resp.Header.Get("Content-Range") != want {
		t.Errorf("Content-Range: got %q, want %q", resp.Header.Get("Content-Range"), want)
	}
	if got := resp.Header.Get("Content-Type"); got != "audio/wav" {
		t.Errorf("Content-Type: got %q", got)
	}
	var want bytes.Buffer
	for _, field := range []any{
		[]byte("RIFF"), uint32(317520036), []byte("WAVE"),
		[]byte("fmt "), uint32(16), uint16(1), uint16(1), uint32(44100), uint32(88200), uint16(2), uint16(16),
		[]byte("data"), uint32(317520000),
	} {
		if err := binary.Write(&want, binary.LittleEndian, field); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want.Bytes(), got); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

// TestToneRanges takes the same bytes in pieces of several lengths, so that
// samples and the header are cut in two.
func TestToneRanges(t *testing.T) {
	srv := newTestServer(t)
	for _, first := range []int64{0, 1, 43, 44, 45, 100_000_001, toneSize - 5000} {
		want := make([]byte, 5000)
		if _, err := (tone{}).ReadAt(want, first); err != nil {
			t.Fatal(err)
		}
		for _, length := range []int64{1, 7, 4999} {
			got, err := io.ReadAll(oneLength{io.NewSectionReader(tone{}, first, 5000), length})
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("from %d in pieces of %d: error %v, or other bytes", first, length, err)
			}
		}
		_, got := get(t, srv.URL+"/tone.wav", http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", first, first+4999)}})
		if !bytes.Equal(got, want) {
			t.Errorf("from %d over HTTP: other bytes", first)
		}
	}
	if n, err := (tone{}).ReadAt(make([]byte, 2), toneSize-1); n != 1 || err != io.EOF {
		t.Errorf("ReadAt across the end: got %d, %v, want 1, EOF", n, err)
	}
}

// TestToneVersion fails when the sound changes but its entity tag does not.
func TestToneVersion(t *testing.T) {
	const wantTag, wantHash = `"chords-1"`, "402aa16f5baedd0a"
	srv := newTestServer(t)
	resp, _ := get(t, srv.URL+"/tone.wav", http.Header{"Range": {"bytes=0-0"}})
	hash := sha256.New()
	for at := int64(0); at < toneSize; at += toneSize / 50 {
		if _, err := io.Copy(hash, io.NewSectionReader(tone{}, at, 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	gotTag, gotHash := resp.Header.Get("Etag"), fmt.Sprintf("%x", hash.Sum(nil)[:8])
	if gotTag != wantTag || gotHash != wantHash {
		t.Errorf("got ETag %s for a sound of hash %s, want %s and %s: another sound needs another tag",
			gotTag, gotHash, wantTag, wantHash)
	}
}

// oneLength reads at most length bytes at a time.
type oneLength struct {
	r      io.Reader
	length int64
}

func (o oneLength) Read(p []byte) (int, error) { return o.r.Read(p[:min(int64(len(p)), o.length)]) }

// testServer is the demo, and what it is made of.
type testServer struct {
	*httptest.Server
	stores   *stores
	examples []example
}

func newTestServer(t *testing.T) testServer {
	t.Helper()
	stores, err := openStores()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stores.Close(); err != nil {
			t.Errorf("closing the stores: %v", err)
		}
	})
	examples := newExamples(stores)
	for _, e := range examples {
		if report, ok := e.View.(*ReportDownloadView); ok {
			report.Pause = 0 // nobody waits for it here
		}
	}
	srv := httptest.NewServer(newRouter(examples, stores.log))
	t.Cleanup(srv.Close)
	return testServer{srv, stores, examples}
}

// get returns an answer and its whole body.
func get(t *testing.T, url string, header http.Header) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	return do(t, req)
}

// do returns the answer to req and its whole body.
func do(t *testing.T, req *http.Request) (*http.Response, []byte) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// head returns the status of an answer without its body.
func head(t *testing.T, url string) int {
	t.Helper()
	resp, err := http.Head(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
