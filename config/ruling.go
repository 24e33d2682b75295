package config

import (
	"slices"
	"strings"
)

// Ruling is how a shop's rules decide about an order with certain facts.
type Ruling struct {
	Rules []RuleLine `json:"rules"` // in the order of the file
	// Workflow is what is done with the order, and From the place that chose it.
	// Both are empty where rules choose, and none applies.
	Workflow string   `json:"workflow"`
	From     string   `json:"from"`
	Steps    []string `json:"steps"`
	// Held says that the order's risk keeps it a quotation until it is released.
	Held bool `json:"held"`
}

// RuleLine is one rule before an order. The first that applies decides about books,
// the first of those that name a workflow about that; those after it are not asked.
type RuleLine struct {
	Place   string      `json:"place"`
	Name    string      `json:"name"`
	Applies bool        `json:"applies"`
	Asked   bool        `json:"asked"`
	Unmet   []Condition `json:"unmet,omitempty"` // why it does not apply
}

// Condition is one thing that a rule asks of an order, and what the order has.
type Condition struct {
	Key  string   `json:"key"`
	Want []string `json:"want"` // any of them; none: nothing is asked
	Have []string `json:"have"`
}

func (c Condition) met() bool { return anyOf(c.Want, c.Have...) }

// String says why a condition is not met.
func (c Condition) String() string {
	have := strings.Join(c.Have, ", ")
	if have == "" {
		have = "none"
	}
	return c.Key + ": wants " + strings.Join(c.Want, " or ") + ", the order has " + have
}

// Rule tells how the rules decide, line by line.
func (s Shop) Rule(f Facts) Ruling {
	out := Ruling{Rules: []RuleLine{}, Held: s.Risk.Holds(f.Risk)}
	chooser := s.chooser(f)
	for i, r := range s.Rules {
		line := RuleLine{Place: ruleAt(i), Name: r.Name, Asked: chooser < 0 || i <= chooser}
		if line.Asked {
			line.Unmet = slices.DeleteFunc(r.When.conditions(f), Condition.met)
			line.Applies = len(line.Unmet) == 0
		}
		out.Rules = append(out.Rules, line)
	}
	if w, place, ok := s.WorkflowFor(f); ok {
		out.Workflow, out.From, out.Steps = w.Name, place, w.Steps()
		if b, _ := s.For(f); b.Quotations() && w.Confirms() {
			out.Steps[0] = "leave it a quotation for people to confirm (books.draft)"
		}
	}
	return out
}

// financial are the words for the payment of an order: the shop's own, and "paid"
// where all of it was. A refund does not take an order out of the rules for paid ones.
func (f Facts) financial() []string {
	var words []string
	if f.Financial != "" {
		words = append(words, f.Financial)
	}
	if f.Paid && !SameWord(f.Financial, "paid") {
		words = append(words, "paid")
	}
	return words
}

// Settings lists the facts for people.
func (f Facts) Settings() []Setting {
	var out []Setting
	for _, c := range (When{}).conditions(f) {
		out = append(out, Setting{Key: c.Key, Value: strings.Join(c.Have, ", ")})
	}
	return out
}

func (w When) applies(f Facts) bool {
	return !slices.ContainsFunc(w.conditions(f), func(c Condition) bool { return !c.met() })
}

// conditions are all that a rule can ask, in the order of the manual.
func (w When) conditions(f Facts) []Condition {
	one := func(word string) []string {
		if word == "" {
			return nil
		}
		return []string{word}
	}
	return []Condition{
		{"channels", w.Channels, one(f.Channel)}, {"gateways", w.Gateways, f.Gateways}, {"countries", w.Countries, one(f.Country)},
		{"currencies", w.Currencies, one(f.Currency)}, {"tags", w.Tags, f.Tags}, {"financial", w.Financial, f.financial()},
		{"fulfilment", w.Fulfilment, one(f.Fulfilment)}, {"risk", w.Risk, one(f.Risk)},
	}
}
