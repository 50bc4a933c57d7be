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

type ToneDownloadView struct{ views.VirtualDownloadView }

func (ToneDownloadView) GetFile(*http.Request) (fs.File, error) {
	file := files.NewVirtualFile(io.NewSectionReader(tone{}, 0, toneSize), "tone.wav")
	file.ETag = `"chords-1"` // the version of the formula below
	return file, nil
}

func (ToneDownloadView) GetOptions(*http.Request, fs.File) response.Options {
	// A player that has enough for now stops reading, for minutes.
	return response.Options{Inline: true, WriteTimeout: 5 * time.Minute}
}

const (
	sampleRate = 44100 // a second, 16 bits each, one channel
	samples    = 3600 * sampleRate
	toneSize   = int64(len(wavHeader{})) + 2*samples
)

// tone is the file: a header, and samples that follow from their number alone.
type tone struct{}

func (tone) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) && off < toneSize {
		var piece []byte
		if i := off - int64(len(header)); i < 0 {
			piece = header[off:]
		} else {
			s := uint16(sample(i / 2))
			piece = []byte{byte(s), byte(s >> 8)}[i%2:]
		}
		copied := copy(p[n:], piece)
		n += copied
		off += int64(copied)
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

// wavHeader is a RIFF header: ahead of samples, a description of them.
type wavHeader [44]byte

var header = func() (h wavHeader) {
	le := binary.LittleEndian
	copy(h[0:], "RIFF")
	le.PutUint32(h[4:], uint32(toneSize-8))
	copy(h[8:], "WAVEfmt ")
	le.PutUint32(h[16:], 16) // bytes of format
	le.PutUint16(h[20:], 1)  // PCM
	le.PutUint16(h[22:], 1)  // channels
	le.PutUint32(h[24:], sampleRate)
	le.PutUint32(h[28:], 2*sampleRate) // bytes a second
	le.PutUint16(h[32:], 2)            // bytes of all channels
	le.PutUint16(h[34:], 16)           // bits
	copy(h[36:], "data")
	le.PutUint32(h[40:], 2*samples)
	return h
}()

// Four chords follow each other without end, each turning into the next for
// twelve seconds. The voices swell and fade, each with a period of its own.
// Samples are computed in integers, which are the same on all machines.
const (
	voices      = 5
	chordLength = 12 * sampleRate
	one         = 1 << 16 // fixed point: what counts as 1
)

var (
	chords = [...][voices]uint32{
		pitches(45, 52, 59, 60, 64), // A minor, with the ninth
		pitches(41, 53, 57, 60, 64), // F major, with the seventh
		pitches(48, 55, 59, 62, 64), // C major, with both
		pitches(43, 50, 59, 62, 64), // G major, with the sixth
	}
	swells = [voices]uint32{step(1. / 31), step(1. / 17), step(1. / 13), step(1. / 11), step(1. / 7)}
)

// sample returns the sample of number i.
func sample(i int64) int16 {
	now, next := &chords[i/chordLength%4], &chords[(i/chordLength+1)%4]
	x := i % chordLength * one / chordLength
	fade := x * x * (3*one - 2*x) / (one * one) // from 0 to 1, softly
	sum := int64(0)
	for v := range voices {
		sound := wave(i, now[v])*(one-fade) + wave(i, next[v])*fade
		sum += sound / one * (3*one/2 + wave(i, swells[v])) / (3 * one)
	}
	ends := min(i, samples-1-i, sampleRate) // the first and the last second
	return int16(sum / voices * ends / (2 * sampleRate))
}

// wave returns the wave of that step at sample i, between -one and one. A turn
// is 2³², so that the phase is a product that may overflow.
func wave(i int64, step uint32) int64 { return int64(period[uint32(i)*step>>18]) }

// period is one turn of the wave: a sine with a little of its octave and twelfth.
var period = func() (p [1 << 14]int32) {
	for i := range p {
		x := 2 * math.Pi * float64(i) / float64(len(p))
		p[i] = int32(math.Round(one / 1.3 * (math.Sin(x) + 0.2*math.Sin(2*x) + 0.1*math.Sin(3*x))))
	}
	return p
}()

// step is how far the wave of a frequency, in Hz, turns with each sample.
func step(frequency float64) uint32 { return uint32(math.Round(frequency / sampleRate * (1 << 32))) }

// pitches returns the steps of MIDI notes; 69 is the A of 440 Hz.
func pitches(notes ...float64) (steps [voices]uint32) {
	for v, note := range notes {
		steps[v] = step(440 * math.Pow(2, (note-69)/12))
	}
	return steps
}
