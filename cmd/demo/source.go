package main

import (
	"go/scanner"
	"go/token"
	"strings"
)

// A line of source begins with so many tabs, and goes on with lexemes.
type line struct {
	Tabs    int
	Lexemes []lexeme
}

// A lexeme is a piece of source and the class it is shown in.
type lexeme struct{ Class, Text string }

// lines cuts source into lines.
func lines(source string) (all []line) {
	current := line{}
	for _, l := range lexemes(strings.TrimRight(source, "\n") + "\n") {
		for piece := range strings.Lines(l.Text) {
			text, ends := strings.CutSuffix(piece, "\n")
			if len(current.Lexemes) == 0 {
				trimmed := strings.TrimLeft(text, "\t")
				current.Tabs += len(text) - len(trimmed)
				text = trimmed
			}
			if text != "" {
				current.Lexemes = append(current.Lexemes, lexeme{l.Class, text})
			}
			if ends {
				all = append(all, current)
				current = line{}
			}
		}
	}
	return all
}

// lexemes cuts source into comments, keywords, literals, and what is between.
func lexemes(source string) (all []lexeme) {
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), nil, scanner.ScanComments)
	done := 0
	for {
		pos, tok, text := s.Scan()
		class := ""
		switch {
		case tok == token.EOF:
			return append(all, lexeme{"", source[done:]})
		case tok == token.COMMENT:
			class = "comment"
		case tok.IsKeyword():
			class = "keyword"
		case tok.IsLiteral() && tok != token.IDENT:
			class = "literal"
		default:
			continue
		}
		start := file.Offset(pos)
		all = append(all, lexeme{"", source[done:start]}, lexeme{class, text})
		done = start + len(text)
	}
}
