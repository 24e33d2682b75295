package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with the configuration and what to do
// about it. It holds no secret.
type Problem struct {
	// File is the file as it was named to Load, or "environment".
	File string
	// Line and Column start at 1; 0 where there is no place, as in the environment.
	Line, Column int
	// Path is the setting, for example "shops[0].shopify.domain", or the variable.
	Path    string
	Message string
}

func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	b.WriteString(": " + p.Message)
	return b.String()
}

// Problems is everything that is wrong, in the order of the file, one a line.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err is nil where there are no problems, else all of them sorted, each once.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps.sorted()
}

func (ps Problems) sorted() Problems {
	out := slices.Clone(ps)
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(out)
}

// Join makes one report of the errors of Parse, of every shop's Decode and of
// whatever else went wrong: all Problems in one sorted list, other errors after
// them. Nil errors do not count; without any other it is nil.
func Join(errs ...error) error {
	var all Problems
	var rest []error
	for _, err := range errs {
		var ps Problems
		switch {
		case err == nil:
		case errors.As(err, &ps):
			all = append(all, ps...)
		default:
			rest = append(rest, err)
		}
	}
	if len(rest) == 0 {
		return all.Err()
	}
	return errors.Join(append([]error{all.Err()}, rest...)...)
}
