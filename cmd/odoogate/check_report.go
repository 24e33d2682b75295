package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// reportWidth is where lines are broken.
const reportWidth = 110

// writeReport is for people: each part once, a mark, the sentence, and under it the
// remedy.
func writeReport(w io.Writer, r tasks.CheckReport) error {
	var b strings.Builder
	part, width := "", 0
	for _, f := range r.Findings {
		width = max(width, len(f.Part))
	}
	indent := width + len(" x ")
	for _, f := range r.Findings {
		shown := ""
		if f.Part != part {
			part, shown = f.Part, f.Part
		}
		fmt.Fprintf(&b, "%-*s %s %s\n", width, shown, mark(f.Level), broken(f.Text, indent))
		if f.Remedy != "" {
			fmt.Fprintf(&b, "%*s→ %s\n", indent, "", broken(f.Remedy, indent+2))
		}
	}
	fmt.Fprintf(&b, "\n%s, %s\n", commerce.Count(r.Problems, "problem"), commerce.Count(r.Warnings, "warning"))
	_, err := io.WriteString(w, b.String())
	return err
}

func mark(l commerce.Level) string {
	switch l {
	case commerce.Problem:
		return "✗"
	case commerce.Warning:
		return "!"
	}
	return "✓"
}

// broken puts line breaks between words, with following lines indented.
func broken(text string, indent int) string { return brokenAt(text, indent, reportWidth) }

func brokenAt(text string, indent, width int) string {
	var b strings.Builder
	column := indent
	for i, word := range strings.Fields(text) {
		length := len([]rune(word))
		switch {
		case i > 0 && column+1+length > width:
			fmt.Fprintf(&b, "\n%*s", indent, "")
			column = indent
		case i > 0:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += length
	}
	return b.String()
}
