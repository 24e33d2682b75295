package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

const (
	screenWidth = 100
	screenLabel = 14 // columns before the text
	screenMost  = 8  // entries of one list: the rest is counted
)

// screen writes rows of a label and a text that may go over several lines.
type screen struct{ text strings.Builder }

// part begins a side.
func (s *screen) part(name, text string) {
	fmt.Fprintf(&s.text, "\n%-*s%s\n", screenLabel, name, brokenAt(text, screenLabel, screenWidth))
}

func (s *screen) row(label, text string) {
	fmt.Fprintf(&s.text, "  %-*s%s\n", screenLabel-2, label, brokenAt(text, screenLabel, screenWidth))
}

// rows are a list under its labels.
func rows[T any](s *screen, list []T, say func(T) (label, text string)) {
	for i, one := range list {
		if i == screenMost {
			s.row("", fmt.Sprintf("… and %d more; --json tells all", len(list)-i))
			return
		}
		s.row(say(one))
	}
}

// writeOrder is all that is known of an order, on one screen for usual ones.
func writeOrder(w io.Writer, v tasks.OrderView) error {
	s := &screen{}
	fmt.Fprintf(&s.text, "%s (%s), times in UTC\n", v.Order, dash(v.Number))
	s.shop(v)
	s.odoo(v)
	s.journal(v)
	s.both(v)
	_, err := io.WriteString(w, s.text.String())
	return err
}

func (s *screen) shop(v tasks.OrderView) {
	o := v.Shop
	if o == nil {
		s.part("Shop", "cannot be read: "+v.Away["shop"])
		return
	}
	s.part("Shop", listed(o.State, o.Financial, o.Fulfilment, o.Channel, "of "+clock(o.Created), "changed "+clock(o.Updated)))
	s.row("total", o.Total.String()+", of which tax "+amount(o.Tax))
	money := []string{"received " + amount(o.Received), "refunded " + amount(o.Refunded)}
	if !o.Pending.IsZero() {
		money = append(money, "on its way back "+amount(o.Pending))
	}
	if o.Outstanding != nil {
		money = append(money, "outstanding "+amount(*o.Outstanding))
	}
	s.row("money", listed(money...))
	rows(s, o.Lines, func(l tasks.LineView) (string, string) {
		return "line", fmt.Sprintf("%s × %s at %s = %s", l.Quantity, l.Label, amount(l.Price), amount(l.Total))
	})
	rows(s, o.Shipments, func(f tasks.ShipmentView) (string, string) {
		return "shipment", listed(f.Status, clock(f.At), strings.TrimSpace(f.Carrier+" "+strings.Join(f.Tracking, " "))) + ": " + parts(f.Parts)
	})
	rows(s, o.Refunds, func(r tasks.RefundView) (string, string) { return "refund", refunded(r) })
	rows(s, o.Returns, func(r tasks.ReturnView) (string, string) {
		text := r.Status + ": " + parts(r.Parts)
		if len(r.Received) > 0 {
			text += "; back on the shelf " + parts(r.Received)
		}
		return "return", text
	})
}

func refunded(r tasks.RefundView) string {
	text := amount(r.Amount)
	if !r.Pending.IsZero() {
		text += " and " + amount(r.Pending) + " on its way"
	}
	text = listed(text, clock(r.At))
	if len(r.Parts) > 0 {
		text += ": " + parts(r.Parts)
	}
	if !r.Shipping.IsZero() {
		text += "; shipping " + amount(r.Shipping)
	}
	return text
}

func (s *screen) journal(v tasks.OrderView) {
	j := v.Journal
	switch {
	case v.Away["journal"] != "":
		s.part("Journal", "cannot be read: "+v.Away["journal"])
		return
	case j == nil:
		s.part("Journal", "empty: nothing about the order came in yet")
		return
	case j.Outcome == "":
		s.part("Journal", "no run ended yet")
	default:
		what := string(j.Outcome)
		if j.Reason != "" {
			what += " (" + j.Reason + ")"
		}
		s.part("Journal", listed(what, clock(j.At), commerce.Count(j.Writes, "record")+" written", failures(j.Attempts)))
	}
	if j.Reason != "observed" && j.Detail != "" { // what observing plans is explain's to tell
		s.row("", j.Detail)
	}
	if j.Remedy != "" {
		s.row("", "→ "+j.Remedy)
	}
	if len(j.Needs) > 0 {
		s.row("waits for", strings.Join(j.Needs, ", "))
	}
	if j.Forced {
		s.row("", "a reimport was asked for and is not done yet")
	}
}

func failures(n int) string {
	if n == 0 {
		return ""
	}
	return commerce.Count(n, "failed attempt") + " in a row"
}

func (s *screen) both(v tasks.OrderView) {
	switch {
	case !v.Compared:
		s.part("Both sides", "cannot be compared")
	case len(v.Differences) == 0:
		s.part("Both sides", "equal")
	default:
		s.part("Both sides", commerce.Count(len(v.Differences), "difference"))
		s.differences(v.Differences)
	}
}

// differences tell what comes of them once for neighbours of one fate.
func (s *screen) differences(all []erp.Difference) {
	for i, d := range all {
		s.row("", fmt.Sprintf("%s: %s in the shop, %s in Odoo", d.What, d.Shop, d.Odoo))
		if i+1 == len(all) || all[i+1].Next != d.Next {
			s.row("", "→ "+d.Next)
		}
	}
}

// listed joins what there is.
func listed(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ")
}

func parts(list []tasks.PartView) string {
	var all []string
	for _, p := range list {
		text := p.Quantity.String() + " × " + p.Line
		if p.Restock != "" {
			text += " (" + p.Restock + ")"
		}
		all = append(all, text)
	}
	return cmp.Or(strings.Join(all, ", "), "no goods")
}

// amount is money without its currency, which the total names.
func amount(m commerce.Money) string {
	return m.Amount.StringFixed(commerce.Digits(m.Currency))
}

func clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04")
}

func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.DateOnly)
}
