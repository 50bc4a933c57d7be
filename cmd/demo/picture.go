package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"math"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/response"
	"github.com/go-downloadview/downloadview/views"
)

type PictureDownloadView struct{ views.VirtualDownloadView }

const maxWidth, maxHeight = 1920, 1200

func (PictureDownloadView) GetFile(r *http.Request) (fs.File, error) {
	width, height := chi.URLParam(r, "width"), chi.URLParam(r, "height")
	w, errW := strconv.ParseUint(width, 10, 16)
	h, errH := strconv.ParseUint(height, 10, 16)
	if errW != nil || errH != nil || w < 1 || w > maxWidth || h < 1 || h > maxHeight {
		return nil, fmt.Errorf("a picture of %q by %q pixels: %w", width, height, fs.ErrNotExist)
	}
	picture := marble{int(w), int(h)}
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	write := func(w io.Writer) error { return encoder.Encode(w, picture) }
	return files.NewVirtualFile(files.NewWriterIO(write), "marble.png"), nil
}

func (PictureDownloadView) GetOptions(*http.Request, fs.File) response.Options {
	return response.Options{Inline: true}
}

// marble is an image.Image without pixels: it computes those it is asked for.
type marble struct{ width, height int }

func (m marble) Bounds() image.Rectangle { return image.Rect(0, 0, m.width, m.height) }
func (m marble) ColorModel() color.Model { return color.RGBAModel }
func (m marble) Opaque() bool            { return true } // otherwise png looks at each pixel twice

// At returns the colour of stripes on water that four waves have disturbed.
func (m marble) At(column, row int) color.Color {
	scale := 3.5 / float64(max(m.width, m.height))
	x, y := float64(2*column-m.width)*scale, float64(2*row-m.height)*scale
	for i := 1.0; i <= 4; i++ {
		x, y = x+0.7/i*math.Sin(i*y+1), y+0.7/i*math.Sin(i*x+2)
	}
	stripe := math.Pow(math.Sin(4*(x+y)), 4)
	depth := (1 + math.Sin(x-0.4*y)) / 2
	mix := func(deep, shallow, foam float64) uint8 {
		water := deep + (shallow-deep)*depth
		return uint8(water + (foam-water)*stripe)
	}
	return color.RGBA{mix(8, 24, 250), mix(44, 138, 226), mix(60, 141, 186), 255}
}
