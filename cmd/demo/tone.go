package main

import (
	"encoding/binary"
	"io"
	"io/fs"
	"math"
	"net/http"
	"time"

	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

//demo:tone

// ToneView serves samples that are computed when they are asked for.
type ToneView struct{ views.VirtualDownloadView }

func (ToneView) GetFile(*http.Request) (fs.File, error) {
	file := files.NewVirtualFile(io.NewSectionReader(tone{}, 0, toneSize), "tone.wav")
	file.ETag = toneTag
	return file, nil
}

func (ToneView) GetOptions(*http.Request, fs.File) response.Options {
	// A player that has enough for now stops reading, for minutes.
	return response.Options{Inline: true, WriteTimeout: 5 * time.Minute}
}

// tone is an io.ReaderAt. Its samples follow from their number alone.
type tone struct{}

const toneTag = `"chords-2"` // another formula needs another tag

//demo:end

const (
	sampleRate = 44100 // a second, 16 bits each, one channel
	samples    = 3600 * sampleRate
	toneSize   = 44 + 2*int64(samples)
)

func (tone) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) && off < toneSize {
		var piece []byte
		if i := off - int64(len(wavHeader)); i < 0 {
			piece = wavHeader[off:]
		} else {
			s := uint16(sample(i / 2))
			piece = []byte{byte(s), byte(s >> 8)}[i%2:]
		}
		copied := copy(p[n:], piece)
		n, off = n+copied, off+int64(copied)
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

var wavHeader = func() (h []byte) {
	for _, field := range []any{
		[]byte("RIFF"), uint32(toneSize - 8), []byte("WAVEfmt "), uint32(16), // bytes of format:
		uint16(1), uint16(1), uint32(sampleRate), uint32(2 * sampleRate), uint16(2), uint16(16), // PCM, 1 channel, 16 bits
		[]byte("data"), uint32(2 * samples),
	} {
		h, _ = binary.Append(h, binary.LittleEndian, field) // all have a fixed size
	}
	return h
}()

// chords are the steps of their notes: A minor, F, C and G major, with a note more.
var chords = [4][4]uint32{steps(45, 60, 64, 71), steps(41, 57, 64, 69), steps(48, 59, 62, 64), steps(43, 59, 62, 69)}

// steps returns how far the waves of MIDI notes turn with each sample. A turn is 2³².
func steps(notes ...float64) (all [4]uint32) {
	for i, note := range notes {
		all[i] = uint32(math.Round(440 * math.Pow(2, (note-69)/12) / sampleRate * (1 << 32)))
	}
	return all
}

// period is one turn of the wave: a sine with a little of its octave. Samples are
// computed in integers, which are the same on all machines.
var period = func() (p [1 << 14]int32) {
	for i := range p {
		x := 2 * math.Pi * float64(i) / float64(len(p))
		p[i] = int32(math.Round(6000 * (math.Sin(x) + 0.2*math.Sin(2*x))))
	}
	return p
}()

// sample returns the sample of number i. A chord swells and fades for eight seconds.
func sample(i int64) int16 {
	const length = 8 * sampleRate
	sum, at := int64(0), i%length
	for _, step := range chords[i/length%4] {
		sum += int64(period[uint32(i)*step>>18]) // the phase is a product that may overflow
	}
	return int16(sum * at * (length - at) / (length * length / 4))
}
