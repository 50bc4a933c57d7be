// Picture draws docs/performance.svg from the output of the benchmarks:
//
//	go run ./docs/picture </tmp/bench.txt >docs/performance.svg
//
// A bar is the speed of downloadview, where 1 is the speed of the rival, as the median
// of all pairs in the output.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// bars are benchmarks by their names, without the part that says whose it is.
var bars = []struct{ work, rival, benchmark string }{
	{"100,000 rows, generated", "io.Pipe and io.Copy", "Generated/vs=Pipe/HTTP1/rows=100000/at-once=1"},
	{"100,000 rows, generated", "a loop of io.WriteString", "Generated/vs=WriteString/HTTP1/rows=100000/at-once=1"},
	{"1 MiB in memory", "http.ServeContent", "InMemory/vs=ServeContent/HTTP1/size=1024KiB/at-once=1"},
	{"100 files as a ZIP", "archive/zip", "Zip/CRC=known/vs=zip.Writer/HTTP1/size=100MiB/at-once=1"},
	{"100 MiB at a URL", "httputil.ReverseProxy", "HTTP/vs=ReverseProxy/HTTP1/size=102400KiB/at-once=1"},
	{"100 MiB on disk", "http.ServeFile", "OSFile/vs=ServeFile/HTTP1/size=102400KiB/at-once=1"},
	{"100 MiB, kept by a cache", "http.ServeFile", "Finished/vs=ServeFile/HTTP1/size=102400KiB/at-once=1"},
}

func main() {
	log.SetFlags(0)
	if err := draw(os.Stdout, os.Stdin); err != nil {
		log.Fatal(err)
	}
}

// draw writes the picture of what the benchmarks have printed.
func draw(w io.Writer, benchmarks io.Reader) error {
	ratios, err := pairs(benchmarks)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	const rowHeight, left, unit = 52, 16, 70 // a bar grows by unit with each doubling
	height := rowHeight*len(bars) + 56
	fmt.Fprintf(out, head, height)
	one := left + unit // at half the speed of the rival a bar has no length
	fmt.Fprintf(out, "<text class=\"detail\" x=\"%d\" y=\"30\">times the speed of …</text>\n", left)
	for i, bar := range bars {
		found := ratios[bar.benchmark]
		if len(found) == 0 {
			return fmt.Errorf("no pair of Benchmark%s", bar.benchmark)
		}
		slices.Sort(found)
		ratio := found[len(found)/2]
		y := 48 + rowHeight*i
		length := max(1, unit*(1+math.Log2(ratio)))
		fmt.Fprintf(out, "<text x=\"%d\" y=\"%d\">%s</text>", left, y+14, bar.work)
		fmt.Fprintf(out, "<text class=\"detail end\" x=\"424\" y=\"%d\">%s</text>\n", y+14, bar.rival)
		fmt.Fprintf(out, "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"16\" rx=\"3\"/>", left, y+21, min(length, 400))
		fmt.Fprintf(out, "<path class=\"axis\" d=\"M%d %dv22\"/>", one, y+18)
		fmt.Fprintf(out, "<text class=\"number\" x=\"%d\" y=\"%d\">%.2f</text>\n", left+8, y+33, ratio)
	}
	fmt.Fprintln(out, "</svg>")
	return out.Flush()
}

// pairs returns how many times as long as downloadview the rival took, for each
// benchmark. A rival's run follows the run that it is compared with.
func pairs(benchmarks io.Reader) (map[string][]float64, error) {
	ratios, own := make(map[string][]float64), make(map[string]float64)
	lines := bufio.NewScanner(benchmarks)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || fields[3] != "ns/op" {
			continue
		}
		name, by, ok := strings.Cut(strings.TrimPrefix(fields[0], "Benchmark"), "/by=")
		ns, err := strconv.ParseFloat(fields[2], 64)
		if !ok || err != nil || ns <= 0 {
			continue
		}
		if strings.HasPrefix(by, "downloadview") {
			own[name] = ns
		} else if own[name] > 0 {
			ratios[name] = append(ratios[name], ns/own[name])
		}
	}
	return ratios, lines.Err()
}

const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 440 %[1]d" width="440" height="%[1]d" role="img" aria-labelledby="title">
<title id="title">The speed of downloadview, where 1 is the speed of the rival at the right</title>
<style>
	.card { fill: #fcfbf9; }
	.bar { fill: #0b6e75; }
	.axis { stroke: #c2410c; stroke-width: 2; }
	text { fill: #1c1b19; font: 15px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
	.detail { fill: #65615a; font-size: 14px; }
	.number { fill: #fff; font-size: 13px; }
	.end { text-anchor: end; }
	@media (prefers-color-scheme: dark) {
		.card { fill: #141517; }
		.bar { fill: #63c5c9; }
		.axis { stroke: #fdba74; }
		text { fill: #e8e6e1; }
		.detail { fill: #a19d95; }
		.number { fill: #141517; }
	}
</style>
<rect class="card" width="440" height="%[1]d" rx="12"/>
`
