package erp

import (
	"fmt"
	"slices"
	"strings"
)

// outcome is what becomes of the account when all of the plan is done.
func (p *accountPlan) outcome() CustomerOutcome {
	out := CustomerOutcome{Action: unchanged, OdooID: p.People.Buyer.ID, Fields: p.Marks, Notices: p.Notices}
	switch {
	case p.Skip != "":
		out.Action, out.Reason, out.Fields = skipped, p.Skip, nil
	case p.Made:
		out.Action = created
	case len(p.Edits) > 0 || p.addresses() > 0:
		out.Action = updated
	}
	if out.OdooID != 0 {
		out.OdooName = itoa(out.OdooID)
	}
	return out
}

// tries are the marks of what is about to be written, but for new addresses.
func (p *accountPlan) tries() (all []string) {
	write := func(part string) {
		if m := p.Marks[part]; m != "" {
			all = append(all, m)
		}
	}
	for _, e := range p.Edits {
		for _, part := range e.Parts {
			write(part)
		}
	}
	if p.Made {
		for part := range p.Marks {
			write(part)
		}
	}
	slices.Sort(all)
	return all
}

// addresses are how many are made.
func (p *accountPlan) addresses() (n int) {
	all := p.People
	if all.Delivery != nil && all.Delivery.ID == 0 {
		n++
	}
	if all.Invoice != nil && all.Invoice.ID == 0 && all.Invoice != all.Delivery {
		n++
	}
	return n
}

// holds reports whether people who were found are about a contact of the plan.
func (p *accountPlan) holds(found []person) bool {
	ids := []int64{p.People.Buyer.ID, p.People.root().ID}
	for _, e := range p.Edits {
		ids = append(ids, e.ID)
	}
	return slices.ContainsFunc(found, func(one person) bool {
		return slices.Contains(ids, one.ID) || one.Parent != 0 && slices.Contains(ids, one.Parent)
	})
}

// show is the plan as people read it, a step a line and without values.
func (p *accountPlan) show() []string {
	if p.Made {
		return p.People.show()
	}
	var out []string
	for _, e := range p.Edits {
		out = append(out, fmt.Sprintf("write %s of %s", strings.Join(e.Parts, ", "), e))
	}
	root := p.People.root().ID
	for _, a := range []struct {
		what string
		c    *contact
	}{{"delivery", p.People.Delivery}, {"invoice", p.People.Invoice}} {
		if a.c != nil && a.c.ID == 0 && (a.what == "delivery" || a.c != p.People.Delivery) {
			out = append(out, fmt.Sprintf("make a new %s address under contact %d", a.what, root))
		}
	}
	for _, n := range p.Notices {
		out = append(out, "look at: "+n)
	}
	if len(out) == 0 {
		return []string{fmt.Sprintf("nothing to write: contact %d is equal", p.People.Buyer.ID)}
	}
	return out
}
