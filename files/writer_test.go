package files_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"text/template"

	"github.com/go-downloadview/downloadview/files"
)

// writing returns a function that writes the pieces of seq, in turn by Write and
// WriteString, and then fails with err unless that is nil.
func writing(seq iter.Seq[string], err error) func(io.Writer) error {
	return func(w io.Writer) error {
		asText := false
		for piece := range seq {
			write := func() (int, error) { return w.Write([]byte(piece)) }
			if asText {
				write = func() (int, error) { return io.WriteString(w, piece) }
			}
			asText = !asText
			if n, err := write(); err != nil || n != len(piece) {
				return fmt.Errorf("wrote %d of %d bytes: %w", n, len(piece), err)
			}
		}
		return err
	}
}

func TestWriterIOTakesWhatWrites(t *testing.T) {
	for _, tt := range []struct {
		reason string
		write  func(io.Writer) error
		want   string
	}{
		{"a csv.Writer, which has a buffer", func(w io.Writer) error {
			c := csv.NewWriter(w)
			return c.WriteAll([][]string{{"id", "name"}, {"1", `the "one"`}})
		}, "id,name\n1,\"the \"\"one\"\"\"\n"},
		{"a template, which writes in many small pieces", func(w io.Writer) error {
			return template.Must(template.New("").Parse(`{{range .}}<{{.}}>{{end}}`)).Execute(w, []int{1, 2, 3})
		}, "<1><2><3>"},
		{"a function that writes nothing", func(io.Writer) error { return nil }, ""},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			for _, reader := range []io.Reader{files.NewWriterIO(tt.write), onlyReader(files.NewWriterIO(tt.write))} { // pushed, then read
				var got strings.Builder
				if _, err := io.Copy(&got, reader); got.String() != tt.want || err != nil {
					t.Errorf("%q, %v, want %q", got.String(), err, tt.want)
				}
			}
		})
	}
}

// A function that ignores the errors of its writer must not start to be heard
// again, nor reach a yield that has ended, which panics.
func TestWriterIOKeepsFailing(t *testing.T) {
	full := errors.New("disk full")
	var failures []error
	write := func(w io.Writer) error {
		for range 3 {
			_, err := w.Write([]byte("piece"))
			failures = append(failures, err)
		}
		_, err := io.WriteString(w, "piece")
		failures = append(failures, err)
		return errors.New("the function's own error, which is only a consequence")
	}
	writes := 0
	_, err := files.NewWriterIO(write).WriteTo(writerFunc(func(p []byte) (int, error) {
		if writes++; writes == 2 {
			return 0, full
		}
		return len(p), nil
	}))
	if err != full {
		t.Errorf("WriteTo() = %v, want the cause, %v", err, full)
	}
	if writes != 2 {
		t.Errorf("the writer was called %d times, want 2", writes)
	}
	if len(failures) != 4 || failures[0] != nil || failures[1] == nil || failures[2] == nil || failures[3] == nil {
		t.Errorf("the function saw %v, want an error at every Write but the first", failures)
	}
}

func TestWriterIOCloseLetsTheFunctionReturn(t *testing.T) {
	var failure error
	reader := files.NewWriterIO(func(w io.Writer) error {
		for failure == nil {
			_, failure = io.WriteString(w, "piece ")
		}
		return failure
	})
	partlyRead(t, reader, 8)
	if failure != nil {
		t.Fatalf("Write failed too early: %v", failure)
	}
	if err := reader.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if failure == nil {
		t.Error("the function did not see that it should return")
	}
}

func TestNewWriterIOOfNil(t *testing.T) {
	mustPanic(t, "the function is nil", func() { files.NewWriterIO(nil) })
}
