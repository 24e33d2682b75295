package parity

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// placed is a line on its way to Odoo.
type placed struct {
	set        *taxSet
	quantity   decimal.Decimal
	list       decimal.Decimal // in the mode of Odoo's taxes
	discounted bool
	raw, total decimal.Decimal // in the mode of Odoo's taxes, as told and as wanted
	form       Form
	rows       []Row
	parts      []part
	short      bool // Odoo's decimals cannot express total; the rows are near it
	least      []decimal.Decimal
}

// allows reports whether rows have the quantities that they must have.
func (p *placed) allows(rows []Row) bool {
	for i, r := range rows[:min(len(rows), len(p.least))] {
		if r.Quantity.LessThan(p.least[i]) && p.least[i].IsPositive() {
			return false
		}
	}
	return !slices.ContainsFunc(p.least[min(len(rows), len(p.least)):], decimal.Decimal.IsPositive)
}

// inMode brings a line into the mode of Odoo's taxes: with the tax where theirs are
// in the price, without it where not.
func (s *solver) inMode(l Line) *placed {
	p := &placed{least: l.Least, quantity: l.Quantity, discounted: l.Discounted, raw: tidy(l.Total), list: tidy(l.List)}
	taxes := make([]Tax, 0, len(l.Taxes))
	less, more := hundred, hundred // what the list price must lose or gain
	for _, levy := range l.Taxes {
		switch included := inPrice(levy.Tax); {
		case s.order.Included && !included:
			p.raw, less = p.raw.Sub(tidy(levy.Amount)), less.Add(levy.Rate)
		case !s.order.Included && included:
			p.raw, more = p.raw.Add(tidy(levy.Amount)), more.Add(levy.Rate)
		}
		if !slices.ContainsFunc(taxes, func(t Tax) bool { return t.ID == levy.Tax.ID }) {
			taxes = append(taxes, levy.Tax)
		}
	}
	if !less.Equal(more) && less.IsPositive() {
		p.list = p.list.Mul(more).DivRound(less, 8)
	}
	p.set = s.set(taxes)
	p.total = s.money.round(p.raw)
	return p
}

// inPrice reports whether a tax is in Odoo's price; a group is what its children are.
func inPrice(t Tax) bool {
	if t.Kind == Group && len(t.Children) > 0 {
		return inPrice(t.Children[0])
	}
	return t.Included
}

// tidy cuts the tail that a shop's own division left.
func tidy(x decimal.Decimal) decimal.Decimal {
	if x.Exponent() < -12 {
		return x.Round(12)
	}
	return x
}

// place gives every line its first form.
func (s *solver) place() {
	for _, l := range s.order.Lines {
		s.lines = append(s.lines, s.inMode(l))
	}
	s.target()
	s.roundings()
	for _, p := range s.lines {
		rows, form := s.represent(p.quantity, p.list, p.discounted, p.total)
		if rows == nil || !p.allows(rows) {
			rows, form = s.nearest(p)
		}
		s.put(p, rows, form)
	}
}

// nearest gives a line for which represent has no rows two at other prices, else
// one that comes near.
func (s *solver) nearest(p *placed) ([]Row, Form) {
	for rows := range s.splits(p) {
		if p.allows(rows) {
			return rows, Split
		}
	}
	p.short = true
	s.short++
	if rows := s.kept(p); rows != nil {
		return rows, Split
	}
	r := Row{Quantity: p.quantity, Price: p.list.Round(s.Price)}
	if !p.quantity.IsZero() {
		r.Price = p.total.DivRound(p.quantity, s.Price)
	}
	return []Row{r}, Net
}

// kept are rows of the quantities that a line must have, at one price; nil for one
// that may stand on a single row.
func (s *solver) kept(p *placed) []Row {
	last := len(p.least) - 1
	for last > 0 && !p.least[last].IsPositive() {
		last--
	}
	if last < 1 {
		return nil
	}
	price, first := p.total.DivRound(p.quantity, s.Price), p.quantity
	rows := make([]Row, last+1)
	for i := 1; i <= last; i++ {
		rows[i] = Row{Quantity: decimal.Max(p.least[i], decimal.Zero), Price: price}
		first = first.Sub(rows[i].Quantity)
	}
	rows[0] = Row{Quantity: first, Price: price}
	return rows
}

// put replaces the rows of a line.
func (s *solver) put(p *placed, rows []Row, form Form) {
	for _, x := range p.parts {
		s.sums.remove(x)
	}
	p.rows, p.form = rows, form
	p.parts = s.partsOf(p.set, rows)
	for _, x := range p.parts {
		s.sums.add(x)
	}
}

func (s *solver) partsOf(set *taxSet, rows []Row) []part {
	parts := make([]part, len(rows))
	for i, r := range rows {
		parts[i] = s.part(set, r)
	}
	return parts
}

// roundings rounds the lines' totals so that those of the same taxes add up to
// their rounded sum, and all to the order: the largest remainders give way.
func (s *solver) roundings() {
	type sum struct {
		raw, want decimal.Decimal
		lines     []*placed // that have a remainder
	}
	groups := make([]sum, len(s.sets))
	some := false
	for _, p := range s.lines {
		g := &groups[p.set.index]
		g.raw = g.raw.Add(p.raw)
		if !p.raw.Equal(p.total) {
			g.lines, some = append(g.lines, p), true
		}
	}
	if !some {
		return
	}
	missing := s.total
	for _, c := range s.checks {
		if !c.included {
			missing = missing.Sub(c.want)
		}
	}
	loose := make([]*sum, 0, len(groups))
	for i := range groups {
		g := &groups[i]
		g.want = s.money.round(g.raw)
		missing = missing.Sub(g.want)
		if len(g.lines) > 0 && !g.want.Equal(g.raw) {
			loose = append(loose, g)
		}
	}
	if n := s.money.units(missing); n != 0 && max(n, -n) <= int64(len(loose)) {
		sign := decimal.NewFromInt(int64(cmp.Compare(n, 0)))
		slices.SortStableFunc(loose, func(x, y *sum) int { return y.raw.Sub(y.want).Mul(sign).Cmp(x.raw.Sub(x.want).Mul(sign)) })
		for _, g := range loose[:max(n, -n)] {
			g.want = g.want.Add(s.money.unit.Mul(sign))
		}
	}
	for i := range groups {
		g := &groups[i]
		if len(g.lines) == 0 {
			continue
		}
		missing := g.want
		for _, p := range s.lines {
			if p.set.index == i {
				missing = missing.Sub(p.total)
			}
		}
		n := s.money.units(missing)
		if n == 0 || max(n, -n) > int64(len(g.lines)) {
			continue
		}
		sign := decimal.NewFromInt(int64(cmp.Compare(n, 0)))
		slices.SortStableFunc(g.lines, func(x, y *placed) int {
			return y.raw.Sub(y.total).Mul(sign).Cmp(x.raw.Sub(x.total).Mul(sign))
		})
		for _, p := range g.lines[:max(n, -n)] {
			p.total = p.total.Add(s.money.unit.Mul(sign))
		}
	}
}
