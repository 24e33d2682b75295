package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// asker reads answers, a line each, from a person or from a file.
type asker struct {
	p        process
	lines    *bufio.Reader
	terminal bool
}

func newAsker(p process) *asker {
	in := p.in
	if in == nil {
		in = strings.NewReader("")
	}
	return &asker{p: p, lines: bufio.NewReader(in), terminal: isTerminal(p.in)}
}

// isTerminal reports whether somebody types there.
func isTerminal(end any) bool {
	f, ok := end.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// text asks until the answer is right; where the question is optional it may be
// empty.
func (a *asker) text(ctx context.Context, q question, check func() error) error {
	for {
		if err := a.say("%s: ", q.ask); err != nil {
			return err
		}
		line, err := wait(ctx, a.line)
		if err != nil {
			return err
		}
		*q.into = line
		switch {
		case line == "" && q.optional:
			return nil
		case line == "":
			err = errors.New("is required")
		default:
			err = check()
		}
		if err == nil {
			return nil
		}
		if err := a.say("  %s\n", err); err != nil {
			return err
		}
	}
}

// secret asks for one; on a terminal it is not shown.
func (a *asker) secret(ctx context.Context, s secret) (string, error) {
	help := s.help
	if s.ours {
		help += " (empty: one is made)"
	}
	if err := a.say("%s, %s: ", s.name, help); err != nil {
		return "", err
	}
	read, restore := a.line, func() {}
	if a.terminal {
		fd := int(a.p.in.(*os.File).Fd())
		before, err := term.GetState(fd)
		if err != nil {
			return "", fmt.Errorf("hide what is typed: %w", err)
		}
		restore = func() { _ = term.Restore(fd, before) } // a terminal that is gone needs no echo
		read = func() (string, error) {
			raw, err := term.ReadPassword(fd)
			return strings.TrimSpace(string(raw)), err
		}
	}
	line, err := wait(ctx, read)
	restore()
	if err := errors.Join(err, a.say("\n")); err != nil {
		return "", fmt.Errorf("%s: %w", s.name, err)
	}
	if line == "" && !s.ours {
		return "", fmt.Errorf("%s is empty; nothing was written", s.name)
	}
	return line, nil
}

func (a *asker) say(format string, args ...any) error {
	_, err := fmt.Fprintf(a.p.err, format, args...)
	return err
}

func (a *asker) line() (string, error) {
	text, err := a.lines.ReadString('\n')
	if errors.Is(err, io.EOF) && text != "" {
		err = nil
	}
	return strings.TrimSpace(text), err
}

// wait reads, or ends with the command: a person who presses Ctrl-C is not
// waited for, and the process ends right after.
func wait(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	got := make(chan result, 1)
	go func() {
		text, err := read()
		got <- result{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.New("given up; nothing was written")
	case r := <-got:
		if errors.Is(r.err, io.EOF) {
			return "", errors.New("the input has ended before everything was answered; nothing was written")
		}
		if r.err != nil {
			return "", fmt.Errorf("read the answer: %w", r.err)
		}
		return r.text, nil
	}
}
