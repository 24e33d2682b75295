package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// mostIDs bounds what is read of a list of ids.
const mostIDs = 16 << 20

// errNoneCame says that standard input was named and had no ids: whoever makes the list
// found none, so that nothing is to be done.
var errNoneCame = errors.New("standard input names nothing")

// readIDs are the ids that a person named: as arguments, several in one with commas, in
// a file (@ids.txt), or on standard input (-). In files they stand apart by commas,
// blanks or line breaks, and what follows a # is not read.
func (p process) readIDs(args []string) ([]string, error) {
	var ids []string
	seen := map[string]bool{}
	add := func(text string) {
		for _, id := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' }) {
			if !seen[id] {
				seen[id], ids = true, append(ids, id)
			}
		}
	}
	for _, arg := range args {
		path, isFile := strings.CutPrefix(arg, "@")
		if arg != "-" && !isFile {
			add(arg)
			continue
		}
		text, err := p.readList(path, arg == "-")
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(text) {
			line, _, _ = strings.Cut(strings.TrimSuffix(line, "\n"), "#")
			add(line)
		}
	}
	switch {
	case len(ids) > 0 || len(args) == 0:
		return ids, nil
	case slices.Equal(args, []string{"-"}):
		return nil, errNoneCame
	}
	return nil, fmt.Errorf("%s names nothing", strings.Join(args, " "))
}

func (p process) readList(path string, stdin bool) (string, error) {
	in, name := p.in, "standard input"
	if !stdin {
		f, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("read the list of ids: %w", err)
		}
		defer func() { _ = f.Close() }() // only read
		in, name = f, path
	}
	raw, err := io.ReadAll(io.LimitReader(in, mostIDs+1))
	if err == nil && len(raw) > mostIDs {
		err = fmt.Errorf("it is longer than %d MiB; split it", mostIDs>>20)
	}
	if err != nil {
		return "", fmt.Errorf("read ids of %s: %w", name, err)
	}
	return string(raw), nil
}
