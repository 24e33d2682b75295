package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"
)

// Workflow is what becomes of an order once its quotation is right. A step needs
// those before it: Invoice and Deliver need Confirm, Pay needs Invoice: post.
type Workflow struct {
	Name string `yaml:"name" validate:"required"`
	// Confirm confirms the quotation (true).
	Confirm *bool `yaml:"confirm"`
	// Invoice makes one invoice an order: none, draft or post (none). InvoiceDate is
	// the day of the order or of today: order or today (order).
	Invoice     string `yaml:"invoice" validate:"omitempty,oneof=none draft post"`
	InvoiceDate string `yaml:"invoice_date" validate:"omitempty,oneof=order today"`
	// Pay registers what was paid in the shop, a payment a transaction (false).
	Pay *bool `yaml:"pay"`
	// Deliver validates deliveries: none, or shipped, which means those that left
	// before or outside Odoo (none).
	Deliver string `yaml:"deliver" validate:"omitempty,oneof=none shipped"`
}

// Confirms reports whether orders are confirmed.
func (w Workflow) Confirms() bool { return w.Confirm == nil || *w.Confirm }

// Invoices reports whether orders are invoiced, Posts whether that is posted.
func (w Workflow) Invoices() bool { return w.Invoice == "draft" || w.Posts() }

// Posts reports whether invoices are posted.
func (w Workflow) Posts() bool { return w.Invoice == "post" }

// Pays reports whether payments are registered.
func (w Workflow) Pays() bool { return w.Pay != nil && *w.Pay }

// Delivers reports whether what was shipped elsewhere is delivered in Odoo.
func (w Workflow) Delivers() bool { return w.Deliver == "shipped" }

// Steps say in order what the workflow does with an order.
func (w Workflow) Steps() []string {
	var out []string
	if w.Confirms() {
		out = append(out, "confirm it")
	} else {
		out = append(out, "leave it a quotation")
	}
	if w.Delivers() {
		out = append(out, "validate deliveries of what was shipped elsewhere")
	}
	day := "the day of the order"
	if w.InvoiceDate == "today" {
		day = "today"
	}
	switch {
	case w.Posts():
		out = append(out, "post its invoice, dated "+day)
	case w.Invoices():
		out = append(out, "make its invoice as a draft, dated "+day)
	}
	if w.Pays() {
		out = append(out, "register its payments")
	}
	return out
}

// Risk says what becomes of orders that may be fraud.
type Risk struct {
	// Hold are the levels whose orders stay quotations until somebody releases them.
	Hold []string `yaml:"hold" validate:"dive,oneof=high medium low"`
	// Tag is that of held orders, by its name; it is made if Odoo has none (Risk).
	Tag string `yaml:"tag"`
	// Responsible gets an activity on each held order, by the name or login of a
	// user; empty: the order's salesperson.
	Responsible string `yaml:"responsible"`
}

// Holds reports whether orders of that level are held.
func (r Risk) Holds(level string) bool {
	return slices.ContainsFunc(r.Hold, func(l string) bool { return strings.EqualFold(l, level) })
}

// chooser is the place of the first rule that applies and names a workflow, -1 for
// none: a rule with books alone leaves the choice to those after it.
func (s Shop) chooser(f Facts) int {
	return slices.IndexFunc(s.Rules, func(r Rule) bool { return r.Workflow != "" && r.When.applies(f) })
}

// WorkflowFor is the workflow of an order with these facts, and the place that
// chose it. ok is false where rules choose workflows, none of them applies, and
// the shop names no workflow for the rest.
func (s Shop) WorkflowFor(f Facts) (w Workflow, place string, ok bool) {
	name, place := s.Workflow, "workflow"
	if i := s.chooser(f); i >= 0 {
		name, place = s.Rules[i].Workflow, ruleAt(i)+".workflow"
	}
	for _, w := range s.Workflows {
		if w.Name == name {
			return w, place, true
		}
	}
	if !s.choosesWorkflows() {
		return Workflow{}, byDefault, true
	}
	return Workflow{}, "", false
}

func (s Shop) choosesWorkflows() bool {
	return s.Workflow != "" || slices.ContainsFunc(s.Rules, func(r Rule) bool { return r.Workflow != "" })
}

// Follows reports whether what becomes of an order after it was placed decides
// what is done in Odoo.
func (s Shop) Follows() bool { return len(s.Workflows) > 0 || len(s.Risk.Hold) > 0 }

// WholeOrders reports whether what is decided of an order needs its transactions
// or its risk, which deliveries of shops seldom carry.
func (s Shop) WholeOrders() bool {
	return s.WeighsRisk() || slices.ContainsFunc(s.Workflows, func(w Workflow) bool { return w.Pays() || w.Delivers() })
}

// Locates reports whether an order's location decides about its warehouse, anywhere
// in the shop.
func (s Shop) Locates() bool {
	return slices.ContainsFunc(s.Layers(), func(l Layer) bool { return len(l.Books.Warehouses) > 0 })
}

// LocatesReturns reports whether the place that goods came back to decides about where
// they go in Odoo.
func (s Shop) LocatesReturns() bool {
	return s.Locates() || slices.ContainsFunc(s.Layers(), func(l Layer) bool { return len(l.Books.Returns.Locations) > 0 })
}

// WeighsRisk reports whether an order's risk decides what becomes of it.
func (s Shop) WeighsRisk() bool {
	return len(s.Risk.Hold) > 0 || slices.ContainsFunc(s.Rules, func(r Rule) bool { return len(r.When.Risk) > 0 })
}

// ruleAt is the place of a rule in the shop's block.
func ruleAt(i int) string { return fmt.Sprintf("rules[%d]", i) }

// RuleFor is the place in the list of the first rule that applies, -1 for none.
func (s Shop) RuleFor(f Facts) int {
	return slices.IndexFunc(s.Rules, func(r Rule) bool { return r.When.applies(f) })
}

// wholeRules reports workflows that are not there or lack a step, and rules that
// can never apply.
func wholeRules(l validator.StructLevel) {
	shop := l.Current().Interface().(Shop)
	known := map[string]bool{}
	for i, w := range shop.Workflows {
		at := fmt.Sprintf("workflows[%d]", i)
		if known[w.Name] {
			l.ReportError(w.Name, at+".name", "Name", "twice", "")
		}
		known[w.Name] = true
		if (w.Invoices() || w.Delivers()) && !w.Confirms() {
			l.ReportError(*w.Confirm, at+".confirm", "Confirm", "needs_confirm", "")
		}
		if w.Pays() && !w.Posts() {
			l.ReportError(*w.Pay, at+".pay", "Pay", "needs_invoice", "")
		}
	}
	if shop.Workflow != "" && !known[shop.Workflow] {
		l.ReportError(shop.Workflow, "workflow", "Workflow", "no_workflow", "")
	}
	for i, r := range shop.Rules {
		if r.Workflow != "" && !known[r.Workflow] {
			l.ReportError(r.Workflow, ruleAt(i)+".workflow", "Workflow", "no_workflow", "")
		}
		if before := shop.shadow(i); before != "" {
			l.ReportError(r.Name, ruleAt(i), "When", "unreachable", before)
		}
	}
}

// shadow is the name of a rule before rule i because of which its books, its
// workflow, or both can never hold; "" for none.
func (s Shop) shadow(i int) string {
	r := s.Rules[i]
	books := !reflect.ValueOf(r.Books).IsZero() || r.Workflow == ""
	for _, before := range s.Rules[:i] {
		if before.When.covers(r.When) && (books || before.Workflow != "") {
			return before.Name
		}
	}
	return ""
}

// covers reports whether every order that meets other meets w too. Gateways and
// tags of an order are many: one word of other is enough for it, so every one must
// be enough for w.
func (w When) covers(other When) bool {
	theirs := other.conditions(Facts{})
	for i, mine := range w.conditions(Facts{}) {
		if len(mine.Want) == 0 {
			continue
		}
		if want := theirs[i].Want; len(want) == 0 || slices.ContainsFunc(want, func(word string) bool { return !anyOf(mine.Want, word) }) {
			return false
		}
	}
	return true
}
