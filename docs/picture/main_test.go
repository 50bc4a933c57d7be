package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestDraw(t *testing.T) {
	var input, picture strings.Builder
	for i, bar := range bars {
		for _, rival := range []int{1, 9, 2 + i} { // the last is the median
			fmt.Fprintf(&input, "Benchmark%s/by=downloadview-2 \t 20\t 100 ns/op\t 4 B/op\n", bar.benchmark)
			fmt.Fprintf(&input, "Benchmark%s/by=rival-2 \t 20\t %d ns/op\t 4 B/op\n", bar.benchmark, rival*100)
		}
	}
	if err := draw(&picture, strings.NewReader(input.String())); err != nil {
		t.Fatal(err)
	}
	for i, bar := range bars {
		for _, want := range []string{fmt.Sprintf(">%d.00<", 2+i), ">" + bar.work + "<", ">" + bar.rival + "<"} {
			if !strings.Contains(picture.String(), want) {
				t.Errorf("the picture does not have %q", want)
			}
		}
	}
	if err := draw(&picture, strings.NewReader("PASS\n")); err == nil {
		t.Error("output without the benchmarks was accepted")
	}
}
