package origin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/origin"
)

// A body ends where its part of the file does, and the file goes on.
func TestFileReadsPartByPart(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 1<<15) // 512 KiB
	read := func(offset, n int) func(t *testing.T, f *origin.File) {
		return func(t *testing.T, f *origin.File) { seekAndRead(t, f, int64(offset), content[offset:offset+n]) }
	}
	type steps []func(t *testing.T, f *origin.File)
	for _, tt := range []struct {
		reason string
		ranges string
		steps  steps
		want   []string
	}{
		{"where the body stands already", "bytes=5-9", steps{read(5, 5)}, []string{"GET Range: bytes=5-9"}},
		{"a suffix", "bytes=-1", steps{read(1<<19-1, 1)}, []string{"GET Range: bytes=-1"}},
		{"many ranges, each of its own length", "bytes=5-9,20-29,-1", steps{read(5, 5), read(20, 10), read(1<<19-1, 1)},
			[]string{"GET Range: bytes=5-9", "GET Range: bytes=20-29", "GET Range: bytes=524287-524287"}},
		{"backward", "bytes=20-29,0-4", steps{read(20, 10), read(0, 5)}, []string{"GET Range: bytes=20-29", "GET Range: bytes=0-4"}},
		{"overlapping ranges, read as one", "bytes=5-9,8-19,9-", steps{read(5, 1<<19-5)}, []string{"GET Range: bytes=5-9", "GET Range: bytes=10-524287"}},
		{"the whole after all", "bytes=5-9", steps{read(0, 1<<19)}, []string{"GET Range: bytes=5-9", "GET"}},
		{"where the client wants nothing: no more than was read since", "bytes=1-1", steps{read(2, 1<<19-2)}, []string{"GET Range: bytes=1-1",
			"GET Range: bytes=2-65537", "GET Range: bytes=65538-131073", "GET Range: bytes=131074-262145", "GET Range: bytes=262146-524287"}},
		{"a new answer after another Seek", "", steps{read(2, 1<<17), read(1<<18, 1)},
			[]string{"GET", "GET Range: bytes=262144-327679"}},
		{"a little further on in the same answer", "", steps{read(64<<10, 10), read(128<<10+10, 10), read(128<<10+20, 10)}, []string{"GET"}},
		{"and one byte more", "", steps{read(64<<10+1, 10)}, []string{"GET", "GET Range: bytes=65537-131072"}},
		{"nothing at or beyond the end", "", steps{
			read(1<<19, 0),
			func(t *testing.T, f *origin.File) { seekAndRead(t, f, 1<<40, "") },
		}, []string{"GET"}},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newServer(t, serve(content))
			header := http.Header{}
			if tt.ranges != "" {
				header.Set("Range", tt.ranges)
			}
			f := mustOpen(t, o, "GET", "/a", header)
			for _, step := range tt.steps {
				step(t, f)
			}
			if diff := cmp.Diff(tt.want, o.requests()); diff != "" {
				t.Error("requests to the origin (-want +got):\n" + diff)
			}
		})
	}
}

// seekAndRead checks that want is what stands at offset.
func seekAndRead(t *testing.T, f *origin.File, offset int64, want string) {
	t.Helper()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, max(len(want), 1))
	n, err := io.ReadFull(f, got)
	if err != nil && !(err == io.EOF && want == "") {
		t.Fatal(err)
	}
	if string(got[:n]) != want {
		t.Errorf("at %d: read %.40q…, want %.40q…", offset, got[:n], want)
	}
}

func TestFileSeek(t *testing.T) {
	f := mustOpen(t, newServer(t, serve("hello")), "GET", "/a", nil)
	for _, tt := range []struct {
		offset int64
		whence int
		want   int64
		ok     bool
	}{
		{2, io.SeekStart, 2, true},
		{1, io.SeekCurrent, 3, true},
		{-4, io.SeekCurrent, 0, false},
		{-1, io.SeekEnd, 4, true},
		{0, 7, 0, false},
	} {
		got, err := f.Seek(tt.offset, tt.whence)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("Seek(%d, %d) = %d, %v; want %d", tt.offset, tt.whence, got, err, tt.want)
		}
	}
	if body, err := io.ReadAll(f); string(body) != "o" || err != nil {
		t.Errorf("read %q, %v; want what is at 4", body, err)
	}
}

// Bytes of two versions never come out of one file, and no wrong length looks
// right.
func TestFileRefusesWhatDoesNotFit(t *testing.T) {
	const old = "Fri, 13 Mar 2026 00:00:00 GMT"
	for _, tt := range []struct {
		reason string
		first  http.HandlerFunc
		second http.HandlerFunc // asked for from 2 on
		want   string           // in the error
	}{
		{"another entity tag", answer(200, "hello", "Accept-Ranges: bytes", `ETag: "a"`, "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", `ETag: "b"`, "Last-Modified: "+date), "changed"},
		{"no entity tag any more", answer(200, "hello", "Accept-Ranges: bytes", `ETag: "a"`),
			answer(206, "llo", "Content-Range: bytes 2-4/5"), "changed"},
		{"another weak tag", answer(200, "hello", "Accept-Ranges: bytes", `ETag: W/"a"`, "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", `ETag: W/"b"`, "Last-Modified: "+date), "changed"},
		{"the same weak tag, another date", answer(200, "hello", "Accept-Ranges: bytes", `ETag: W/"a"`, "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", `ETag: W/"a"`, "Last-Modified: "+old), "changed"},
		{"another date", answer(200, "hello", "Accept-Ranges: bytes", "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/5", "Last-Modified: "+old), "changed"},
		{"another size", answer(200, "hello", "Accept-Ranges: bytes", "Last-Modified: "+date),
			answer(206, "llo", "Content-Range: bytes 2-4/6", "Last-Modified: "+date), "changed"},
		{"a part of no known whole", serve("hello"), answer(206, "llo", "Content-Range: bytes 2-4/*", "ETag: "+tag), "not the range"},
		{"another part", serve("hello"), answer(206, "lo", "Content-Range: bytes 3-4/5", "ETag: "+tag), "not the range"},
		{"a shorter part than announced", serve("hello"), pieces("bytes 2-4/5", "ll"), "unexpected EOF"},
		{"a longer part than announced", serve("hello"), pieces("bytes 2-4/5", "llo", "ooo"), "more content"},
		{"a part with another length", serve("hello"), answer(206, "ll", "Content-Range: bytes 2-4/5", "ETag: "+tag), "not the range"},
		{"an error", serve("hello"), answer(500, "oops"), "500 Internal Server Error"},
		{"gone", serve("hello"), answer(404, "oops"), "404 Not Found"},
		{"a refusal of the range", serve("hello"), answer(416, "oops"), "416 Requested Range Not Satisfiable"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			o := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Range") == "" {
					tt.first(w, r)
				} else {
					tt.second(w, r)
				}
			})
			f := mustOpen(t, o, "HEAD", "/a", nil)
			if _, err := f.Seek(2, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(f)
			var e *origin.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("read %q, %v; want an Error with %q", body, err, tt.want)
			}
			if n, err := f.Read(make([]byte, 1)); n > 0 || err == nil || err == io.EOF {
				t.Errorf("the next Read = %d, %v; want an error again", n, err)
			}
		})
	}
}

func TestFileIsCancelledWithTheRequest(t *testing.T) {
	gone := make(chan struct{})
	o := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "he")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	f, err := origin.Open(httptest.NewRequestWithContext(ctx, "GET", "/", nil), o.URL, origin.Options{Client: o.Client()})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.ReadFull(f, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-gone
	if _, err := f.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// Who asked for a part does not come back for what follows it. So the part does
// not end well before it is known that nothing does.
func TestFileRefusesALongPart(t *testing.T) {
	const contentRange = "bytes 2-3/5"
	for _, tt := range []struct {
		reason string
		part   http.HandlerFunc
		ok     bool
	}{
		{"as announced", answer(206, "ll", "Content-Range: "+contentRange, "ETag: "+tag), true},
		{"as announced, piece by piece", pieces(contentRange, "l", "l"), true},
		{"longer, in one piece of unknown length", pieces(contentRange, "llo"), false},
		{"longer by a piece", pieces(contentRange, "ll", "o"), false},
		{"shorter, of unknown length", pieces(contentRange, "l"), false},
	} {
		for _, size := range []int{1, 2, 512} {
			t.Run(fmt.Sprint(tt.reason, ", read by ", size), func(t *testing.T) {
				f := mustOpen(t, newServer(t, tt.part), "GET", "/a", http.Header{"Range": {"bytes=2-3"}})
				if _, err := f.Seek(2, io.SeekStart); err != nil {
					t.Fatal(err)
				}
				var got int
				var err error
				for got < 2 && err == nil {
					var n int
					n, err = f.Read(make([]byte, size))
					got += n
				}
				if ok := err == nil && got == 2; ok != tt.ok {
					t.Errorf("%d bytes, %v; want complete %v", got, err, tt.ok)
				}
				if !tt.ok {
					if n, again := f.Read(make([]byte, 1)); n > 0 || again == nil || again.Error() != err.Error() {
						t.Errorf("the next Read = %d, %v; want the same error", n, again)
					}
				}
			})
		}
	}
}

// pieces answers with a part that is sent piece by piece, without a length.
func pieces(contentRange string, pieces ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", tag)
		w.Header().Set("Content-Range", contentRange)
		w.WriteHeader(206)
		for _, piece := range pieces {
			http.NewResponseController(w).Flush()
			io.WriteString(w, piece)
		}
	}
}

// What is asked for part by part comes over one connection.
func TestFileKeepsItsConnection(t *testing.T) {
	var mu sync.Mutex
	connections, sent := map[string]bool{}, 0
	content := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	o := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		serve(content)(countingWriter{w, &mu, &sent}, r)
		mu.Lock()
		defer mu.Unlock()
		connections[r.RemoteAddr] = true
	})
	set := "bytes="
	for i := range 64 {
		set += fmt.Sprintf("%d-%[1]d,", i<<14)
	}
	f := mustOpen(t, o, "GET", "/a", http.Header{"Range": {set}})
	for i := range 64 {
		seekAndRead(t, f, int64(i<<14), content[i<<14:i<<14+1])
	}
	mu.Lock()
	defer mu.Unlock()
	if len(connections) != 1 || sent != 64 || len(o.requests()) != 64 {
		t.Errorf("%d requests over %d connections for %d bytes, want 64, 1, 64", len(o.requests()), len(connections), sent)
	}
}

type countingWriter struct {
	http.ResponseWriter
	mu *sync.Mutex
	n  *int
}

func (w countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	*w.n += n
	return n, err
}
