package tasks

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// subject is a notice in one line.
func (n notice) subject() string {
	blocks := n.blocks()
	first := blocks[0]
	what := title(first)
	if len(blocks) > 1 {
		what = fmt.Sprintf("%d alerts, the first: %s", len(blocks), what)
	}
	word := string(first.Severity)
	if n.State != stateOpen {
		word = n.State
	}
	return "[odoogate] " + word + " · " + what
}

// title is an alert in one line.
func title(one OpenAlert) string {
	text := oneLine(one.Detail, 90)
	if one.Shop != "" {
		text = one.Shop + ": " + text
	}
	if one.Count > 1 {
		text += fmt.Sprintf(" (%d)", one.Count)
	}
	return text
}

// oneLine is the beginning of a text, without line breaks or other control characters.
func oneLine(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}

// blocks are the alerts as people read them, the gravest first: what one order lacks is
// one alert each, and one block.
func (n notice) blocks() []OpenAlert {
	var out []OpenAlert
	for _, one := range n.Alerts {
		at := slices.IndexFunc(out, func(b OpenAlert) bool {
			return b.Kind == one.Kind && b.Shop == one.Shop && b.Detail == one.Detail && b.Remedy == one.Remedy
		})
		if at < 0 {
			one.Needs, one.Orders = slices.Clone(one.Needs), slices.Clone(one.Orders)
			out = append(out, one)
			continue
		}
		b := &out[at]
		b.Count, b.Needs, b.Orders = max(b.Count, one.Count), joined(b.Needs, one.Needs), joined(b.Orders, one.Orders)
	}
	slices.SortStableFunc(out, func(a, b OpenAlert) int { return rank(b.Severity) - rank(a.Severity) })
	return out
}

func rank(s Severity) int { return slices.Index([]Severity{Info, Warning, Critical}, s) }

func joined(a, b []string) []string {
	for _, word := range b {
		if !slices.Contains(a, word) {
			a = append(a, word)
		}
	}
	return a
}

// text is the notice as plain text.
func (n notice) text() string {
	var b strings.Builder
	switch n.State {
	case stateResolved:
		b.WriteString("This is over; nothing is to be done any more.\n\n")
	case stateTest:
		b.WriteString("This is a test. Whoever reads it will be told what odoogate needs a person for.\n\n")
	}
	for i, one := range n.blocks() {
		if i > 0 {
			b.WriteString("\n" + strings.Repeat("-", 40) + "\n\n")
		}
		one.write(&b)
	}
	return b.String()
}

func (one OpenAlert) write(b *strings.Builder) {
	line := func(name, text string) {
		if text = oneLine(text, 2000); text != "" {
			fmt.Fprintf(b, "%-12s%s\n", name, text)
		}
	}
	where := ""
	if one.Shop != "" {
		where = ", shop " + one.Shop
	}
	fmt.Fprintf(b, "%s: %s%s\n\n", one.Severity, one.Kind, where)
	line("Found", one.Detail)
	if one.Resolved.IsZero() {
		line("To do", one.Remedy)
	}
	line("Needs", strings.Join(one.Needs, ", "))
	if one.Ref.Kind == commerce.KindOrder {
		line("Orders", one.numbers())
	} else {
		line("Records", one.numbers())
	}
	line("Event", one.Event)
	line("First seen", utc(one.First))
	if one.Last.After(one.First) {
		line("Last seen", utc(one.Last))
	}
	if !one.Resolved.IsZero() {
		line("Over since", utc(one.Resolved))
	}
	line("Look with", one.Look)
}

// numbers counts the orders and names some of them.
func (one OpenAlert) numbers() string {
	if one.Ref.IsZero() || len(one.Orders) == 0 {
		return ""
	}
	text := fmt.Sprintf("%d (%s", one.Count, strings.Join(one.Orders, ", "))
	if one.Count > len(one.Orders) {
		text += ", …"
	}
	return text + ")"
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }
