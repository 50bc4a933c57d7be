package files_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-downloadview/downloadview/files"
)

// helloWorld are the pieces that django-downloadview tests its iterator readers
// with, and a character of two bytes.
func helloWorld(yield func(string) bool) {
	for _, piece := range []string{"Hello ", "world!", "\n", "é", "\n"} {
		if !yield(piece) {
			return
		}
	}
}

// inBytes yields the pieces of seq from one slice, which each piece overwrites.
func inBytes(seq iter.Seq[string]) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var piece []byte
		for s := range seq {
			if piece = append(piece[:0], s...); !yield(piece) {
				return
			}
		}
	}
}

// withErrors yields the pieces of seq, then err unless that is nil.
func withErrors[T any](seq iter.Seq[T], err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for piece := range seq {
			if !yield(piece, nil) {
				return
			}
		}
		if err != nil {
			yield(none, err)
		}
	}
}

// generated is what all readers over generated content have in common.
type generated interface {
	io.ReadCloser
	io.WriterTo
}

// readers are all ways to read the same pieces.
var readers = []struct {
	name string
	over func(seq iter.Seq[string]) generated
}{
	{"StringIteratorIO", func(seq iter.Seq[string]) generated { return files.NewStringIteratorIO(seq) }},
	{"StringIteratorIO2", func(seq iter.Seq[string]) generated { return files.NewStringIteratorIO(withErrors(seq, nil)) }},
	{"BytesIteratorIO", func(seq iter.Seq[string]) generated { return files.NewBytesIteratorIO(inBytes(seq)) }},
	{"BytesIteratorIO2", func(seq iter.Seq[string]) generated { return files.NewBytesIteratorIO(withErrors(inBytes(seq), nil)) }},
	{"WriterIO", func(seq iter.Seq[string]) generated { return files.NewWriterIO(writing(seq, nil)) }},
}

// failing are all readers whose content can end with an error.
var failing = []struct {
	name string
	over func(seq iter.Seq[string], err error) generated
}{
	{"StringIteratorIO2", func(seq iter.Seq[string], err error) generated {
		return files.NewStringIteratorIO(withErrors(seq, err))
	}},
	{"BytesIteratorIO2", func(seq iter.Seq[string], err error) generated {
		return files.NewBytesIteratorIO(withErrors(inBytes(seq), err))
	}},
	{"WriterIO", func(seq iter.Seq[string], err error) generated { return files.NewWriterIO(writing(seq, err)) }},
}

// forEachReader runs test over each of readers.
func forEachReader(t *testing.T, test func(t *testing.T, over func(iter.Seq[string]) generated)) {
	for _, r := range readers {
		t.Run(r.name, func(t *testing.T) { test(t, r.over) })
	}
}

// mustPanic fails the test unless f panics with a text that has want in it.
func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
			t.Errorf("panic: %s, want %q in it", got, want)
		}
	}()
	f()
}

var pieceTests = []struct {
	reason string
	pieces []string
}{
	{"the pieces of the original's test", []string{"Hello ", "world!", "\n", "é", "\n"}},
	{"no piece", nil},
	{"nothing but empty pieces", []string{"", "", ""}},
	{"empty pieces first, between and last", []string{"", "a", "", "", "b", ""}},
	{"one piece", []string{"Hello world!"}},
	{"a byte at a time", strings.Split("Hello world!", "")},
	{"characters of several bytes", []string{"日本", "語", "é"}},
	{"a character that is split across pieces", []string{"\xe6\x97", "\xa5", "é"[:1], "é"[1:]}},
	{"bytes that are no text", []string{"\x00\xff\xfe", "\x80"}},
	{"a piece of more than any buffer, then a short one", []string{strings.Repeat("0123456789", 20_000), "end"}},
}

func TestIteratorsAreReaders(t *testing.T) {
	for _, tt := range pieceTests {
		t.Run(tt.reason, func(t *testing.T) {
			forEachReader(t, func(t *testing.T, over func(iter.Seq[string]) generated) {
				want := strings.Join(tt.pieces, "")
				pieces := func(yield func(string) bool) {
					for _, piece := range tt.pieces {
						if !yield(piece) {
							return
						}
					}
				}
				reader := over(pieces)
				defer reader.Close()
				if err := iotest.TestReader(reader, []byte(want)); err != nil {
					t.Error(err)
				}

				pushed := over(pieces)
				var got strings.Builder
				if n, err := pushed.WriteTo(&got); got.String() != want || n != int64(len(want)) || err != nil {
					t.Errorf("WriteTo wrote %.50q… (%d, %v), want %.50q…", got.String(), n, err, want)
				}
			})
		})
	}
}

// The original reads with every size from one up: characters are split.
func TestIteratorsReadInAnySize(t *testing.T) {
	const want = "Hello world!\né\n"
	forEachReader(t, func(t *testing.T, over func(iter.Seq[string]) generated) {
		for size := 1; size <= len(want)+1; size++ {
			var got []byte
			reader, p := over(helloWorld), make([]byte, size)
			for {
				n, err := reader.Read(p)
				got = append(got, p[:n]...)
				if err == io.EOF {
					break
				}
				if err != nil || n == 0 {
					t.Fatalf("Read of %d bytes = %d, %v", size, n, err)
				}
			}
			if string(got) != want {
				t.Errorf("by reads of %d bytes: %q, want %q", size, got, want)
			}
		}
	})
}

func TestReadThenWriteTo(t *testing.T) {
	const want = "Hello world!\né\n"
	forEachReader(t, func(t *testing.T, over func(iter.Seq[string]) generated) {
		for read := range len(want) + 1 {
			reader := over(helloWorld)
			partlyRead(t, onlyReader(reader), int64(read))
			var got strings.Builder
			n, err := reader.WriteTo(&got)
			if got.String() != want[read:] || n != int64(len(want)-read) || err != nil {
				t.Errorf("after %d bytes: WriteTo wrote %q (%d, %v), want %q", read, got.String(), n, err, want[read:])
			}
			if n, err := reader.WriteTo(&got); n != 0 || err != nil {
				t.Errorf("after the end: WriteTo = %d, %v, want 0, nil", n, err)
			}
			if n, err := reader.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("after the end: Read = %d, %v, want 0, io.EOF", n, err)
			}
		}
	})
}

// guarded yields pieces without end, and counts how it starts and stops.
type guarded struct{ started, stopped int }

func (g *guarded) seq(yield func(string) bool) {
	g.started++
	defer func() { g.stopped++ }()
	for yield("piece ") {
	}
}

func TestCloseStopsTheGenerator(t *testing.T) {
	forEachReader(t, func(t *testing.T, over func(iter.Seq[string]) generated) {
		var generator guarded
		reader := over(generator.seq)
		partlyRead(t, reader, 8) // in the middle of a piece
		if generator != (guarded{1, 0}) {
			t.Fatalf("after reading: %+v", generator)
		}
		for range 2 {
			if err := reader.Close(); err != nil || generator != (guarded{1, 1}) {
				t.Errorf("Close() = %v, and the generator %+v", err, generator)
			}
		}
		if _, err := reader.Read(make([]byte, 1)); err != fs.ErrClosed {
			t.Errorf("Read() = %v, want fs.ErrClosed", err)
		}
		if _, err := reader.WriteTo(io.Discard); err != fs.ErrClosed {
			t.Errorf("WriteTo() = %v, want fs.ErrClosed", err)
		}
	})
}

func TestGeneratorThatNobodyReadsNeverRuns(t *testing.T) {
	forEachReader(t, func(t *testing.T, over func(iter.Seq[string]) generated) {
		reader := over(func(func(string) bool) { t.Error("the generator was started") })
		if n, err := reader.Read(nil); n != 0 || err != nil {
			t.Errorf("Read of no bytes = %d, %v", n, err)
		}
		for range 2 {
			if err := reader.Close(); err != nil {
				t.Errorf("Close() = %v", err)
			}
		}
	})
}

func TestWriteToStopsWhenTheWriterFails(t *testing.T) {
	full := errors.New("disk full")
	for _, tt := range []struct {
		reason  string
		read    int64 // before WriteTo
		write   func(p []byte) (int, error)
		wantN   int64
		wantErr error
	}{
		{"at the first piece", 0, func([]byte) (int, error) { return 0, full }, 0, full},
		{"in the middle of a piece", 0, func([]byte) (int, error) { return 2, full }, 2, full},
		{"of a generator that was suspended", 3, func([]byte) (int, error) { return 1, full }, 1, full},
		{"a short write without an error is an error", 0, func(p []byte) (int, error) { return len(p) - 1, nil }, 5, io.ErrShortWrite},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			forEachReader(t, func(t *testing.T, over func(iter.Seq[string]) generated) {
				var generator guarded
				reader := over(generator.seq)
				partlyRead(t, onlyReader(reader), tt.read)
				n, err := reader.WriteTo(writerFunc(tt.write))
				if n != tt.wantN || err != tt.wantErr {
					t.Errorf("WriteTo() = %d, %v, want %d, %v", n, err, tt.wantN, tt.wantErr)
				}
				if generator != (guarded{1, 1}) {
					t.Errorf("the generator %+v, want it stopped before WriteTo returns", generator)
				}
				// What is lost is lost: to go on would leave a gap.
				if _, err := reader.Read(make([]byte, 1)); err != tt.wantErr {
					t.Errorf("the Read after it = %v, want %v", err, tt.wantErr)
				}
			})
		})
	}
}

func TestFailingForms(t *testing.T) {
	broken := errors.New("database is down")
	for _, tt := range []struct {
		reason string
		seq    iter.Seq[string]
		want   string
	}{
		{"at the first piece", func(func(string) bool) {}, ""},
		{"after some pieces, which still count", helloWorld, "Hello world!\né\n"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			for _, r := range failing {
				t.Run(r.name, func(t *testing.T) {
					got, err := io.ReadAll(r.over(tt.seq, broken))
					if string(got) != tt.want || err != broken {
						t.Errorf("reading: %q, %v, want %q, %v", got, err, tt.want, broken)
					}

					var pushed bytes.Buffer
					reader := r.over(tt.seq, broken)
					n, err := reader.WriteTo(&pushed)
					if pushed.String() != tt.want || n != int64(len(tt.want)) || err != broken {
						t.Errorf("WriteTo wrote %q (%d, %v), want %q, %v", pushed.String(), n, err, tt.want, broken)
					}
					if _, err := reader.WriteTo(&pushed); err != broken {
						t.Errorf("the WriteTo after it = %v, want %v again", err, broken)
					}
					if _, err := reader.Read(make([]byte, 1)); err != broken {
						t.Errorf("the Read after it = %v, want %v again", err, broken)
					}
				})
			}
		})
	}
}

func TestPieceBesideAnErrorIsIgnored(t *testing.T) {
	broken := errors.New("database is down")
	seq := func(yield func(string, error) bool) {
		if yield("good ", nil) && yield("bad", broken) {
			t.Error("the generator was asked for more after its error")
		}
	}
	if got, err := io.ReadAll(files.NewStringIteratorIO(seq)); string(got) != "good " || err != broken {
		t.Errorf("reading: %q, %v", got, err)
	}
	var got strings.Builder
	if _, err := files.NewStringIteratorIO(seq).WriteTo(&got); got.String() != "good " || err != broken {
		t.Errorf("pushing: %q, %v", got.String(), err)
	}
}

func TestPanicOfTheGeneratorPassesThrough(t *testing.T) {
	panics := func(yield func(string) bool) {
		yield("Hello ")
		panic("out of cheese")
	}
	forEachReader(t, func(t *testing.T, over func(iter.Seq[string]) generated) {
		pushed := over(panics)
		mustPanic(t, "out of cheese", func() { _, _ = pushed.WriteTo(io.Discard) })
		if n, err := pushed.WriteTo(io.Discard); err == nil {
			t.Errorf("WriteTo after the panic = %d, nil: the content looks complete", n)
		}

		read := over(panics)
		mustPanic(t, "out of cheese", func() { _, _ = io.ReadAll(read) })
		if err := read.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}

		both := over(panics)
		partlyRead(t, onlyReader(both), 2)
		mustPanic(t, "out of cheese", func() { _, _ = both.WriteTo(io.Discard) })
		if err := both.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
}

// A reader whose generator panicked must not be taken for one at its end.
func TestReadAfterAPanic(t *testing.T) {
	panics := func(yield func(string) bool) {
		yield("Hello ")
		panic("out of cheese")
	}
	forEachReader(t, func(t *testing.T, over func(iter.Seq[string]) generated) {
		reader := over(panics)
		defer reader.Close()
		mustPanic(t, "out of cheese", func() { _, _ = io.ReadAll(reader) })
		if n, err := reader.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("Read after the panic = %d, %v: the content looks complete", n, err)
		}
	})
}

// Pushing is the fast road: no copy, no coroutine, and nothing on the heap.
func TestWriteToAllocatesNothingPerPiece(t *testing.T) {
	rows := func(yield func(string) bool) {
		for range 1000 {
			if !yield("1,2,3\n") {
				return
			}
		}
	}
	allocs := testing.AllocsPerRun(10, func() {
		if _, err := files.NewStringIteratorIO(rows).WriteTo(io.Discard); err != nil {
			t.Error(err)
		}
	})
	if allocs > 20 {
		t.Errorf("%.0f allocations for 1000 pieces", allocs)
	}
}

func TestNewIteratorsOfNil(t *testing.T) {
	for name, construct := range map[string]func(){
		"iter.Seq":             func() { files.NewStringIteratorIO(iter.Seq[string](nil)) },
		"iter.Seq2":            func() { files.NewStringIteratorIO(iter.Seq2[string, error](nil)) },
		"function":             func() { files.NewStringIteratorIO((func(func(string) bool))(nil)) },
		"function with errors": func() { files.NewStringIteratorIO((func(func(string, error) bool))(nil)) },
		"bytes":                func() { files.NewBytesIteratorIO(iter.Seq[[]byte](nil)) },
		"bytes with errors":    func() { files.NewBytesIteratorIO(iter.Seq2[[]byte, error](nil)) },
	} {
		t.Run(name, func(t *testing.T) { mustPanic(t, "the sequence to read from is nil", construct) })
	}
}

// counting has a Write of its own, and the WriteString of the buffer that it embeds.
type counting struct {
	*bytes.Buffer
	n int
}

func (c *counting) Write(p []byte) (int, error) {
	c.n += len(p)
	return c.Buffer.Write(p)
}

// Pieces of text do not go past the Write of a struct, by a promoted WriteString.
func TestWriteOfTheWritersOwn(t *testing.T) {
	c := &counting{Buffer: new(bytes.Buffer)}
	if _, err := files.NewStringIteratorIO(helloWorld).WriteTo(c); err != nil {
		t.Fatal(err)
	}
	if c.n == 0 || c.n != c.Len() {
		t.Errorf("%d bytes of %d came by Write", c.n, c.Len())
	}
}
