// Package markdown writes the tables of the comparisons.
package markdown

import (
	"strings"
	"unicode/utf8"
)

// Table lays lines out as Markdown whose columns also stand below one another. The second line is the rule: of cells "-", and
// "-:" for a column of numbers.
func Table(lines [][]string) string {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		for i, cell := range line {
			b.WriteString("| " + padded(cell, widths[i], strings.HasSuffix(lines[1][i], ":")) + " ")
		}
		b.WriteString("|\n")
	}
	return b.String()
}

// padded fills a cell up to width: with dashes if it is a rule, else with spaces.
func padded(cell string, width int, right bool) string {
	missing := width - utf8.RuneCountInString(cell)
	switch {
	case cell == "-" || cell == "-:":
		return strings.Repeat("-", missing) + cell
	case right:
		return strings.Repeat(" ", missing) + cell
	default:
		return cell + strings.Repeat(" ", missing)
	}
}
