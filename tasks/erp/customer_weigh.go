package erp

import (
	"slices"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// weighing holds an account against its contact, thing by thing.
type weighing struct {
	settings
	o    *commerce.Order
	l    *accountLook
	p    *accountPlan
	want map[string]string
}

// facet is one thing of a contact with what the shop and Odoo have of it.
type facet struct {
	Name, Want, Now string
	Was             []string // marks of what was brought
	Alike           bool     // Odoo has the same, spelt otherwise
	Set             []filled
	Soft            bool   // Odoo may refuse it by itself
	Ours            bool   // it is written to contacts that we made, and to no others
	Stays           string // why it may not be written now; it is tried again then
	Kin             bool   // the contact has something else of the account, and is nobody else by its name
}

// weigh plans what is written to the person, and to the company above where an order or
// an account made that.
func (w *weighing) weigh() {
	buyer, firm := w.l.Buyer, w.l.Company
	switch {
	case buyer.Company:
		w.contact(buyer, false, slices.Concat(w.firm(buyer), w.reach(buyer), w.fields(buyer)))
	case firm != nil:
		w.contact(firm, true, slices.Concat(w.firm(firm), w.fields(firm)))
		w.contact(buyer, false, slices.Concat(w.name(buyer), w.reach(buyer)))
	case buyer.Parent != 0: // the address is that of whom he belongs to
		w.contact(buyer, false, slices.Concat(w.name(buyer), w.reach(buyer)))
	default:
		w.contact(buyer, false, slices.Concat(w.name(buyer), w.reach(buyer), []facet{w.address(buyer)}, w.employer(buyer), w.fields(buyer)))
	}
	for name, want := range w.want {
		was, told := w.l.Last.Fields[name]
		switch {
		case !slices.Contains(w.p.waits, name):
			w.p.Marks[name] = mark(w.o, name, want)
		case told:
			w.p.Marks[name] = was
		}
	}
}

// employer is the company that a person names and that is no contact.
func (w *weighing) employer(p *person) []facet {
	field := w.Names.CompanyName
	if field == "" {
		return nil
	}
	want, now := w.want[partCompany], p.row.Str(field)
	return []facet{{Name: partCompany, Want: want, Now: now, Alike: fold(now) == fold(want), Set: []filled{{Field: field, Value: want}}}}
}

// name is that of a person; stand-ins for buyers without one rename nobody.
func (w *weighing) name(p *person) []facet {
	if personOf(w.o) == "" && companyOf(w.o) == "" {
		w.p.waits = append(w.p.waits, partName)
		return nil
	}
	return []facet{{Name: partName, Want: w.want[partName], Now: p.Name, Alike: fold(p.Name) == fold(w.want[partName]),
		Set: []filled{{Field: "name", Value: w.want[partName]}}}}
}

// reach is how a contact is reached.
func (w *weighing) reach(p *person) []facet {
	phone, mail := w.want[partPhone], w.want[partEmail]
	alike := normalPhone(phone) != "" && (normalPhone(p.Phone) == normalPhone(phone) || p.Sanitized == normalPhone(phone))
	e := facet{Name: partEmail, Want: mail, Now: strings.ToLower(strings.TrimSpace(p.row.Str("email"))), Alike: p.Email == mail,
		Set: []filled{{Field: "email", Value: mail}}}
	if w.l.Taken {
		e.Stays = "another contact has the one that the account has now"
	}
	return []facet{e, {Name: partPhone, Want: phone, Now: p.Phone, Alike: alike, Set: []filled{{Field: "phone", Value: phone}}}}
}

func (w *weighing) address(p *person) facet {
	home := w.home(w.o)
	a := facet{Name: partAddress, Want: w.want[partAddress], Now: p.block(), Alike: home.at(p.place).same(p.place), Set: home.columns()}
	if w.l.Open {
		a.Stays = "an order is yet to be delivered there, which says so"
	}
	return a
}

// firm is what a company has of its own. It is renamed by the name of a company alone,
// and its VAT number is followed where nobody else belongs to it.
func (w *weighing) firm(p *person) []facet {
	a := w.address(p)
	a.Ours = true
	all := []facet{a}
	if name := w.want[partCompany]; name != "" {
		all = append(all, facet{Name: partCompany, Want: name, Now: p.Name, Alike: fold(p.Name) == fold(name), Ours: true,
			Was: []string{w.l.Last.Fields[partName]}, Set: []filled{{Field: "name", Value: name}}})
	}
	if vat := w.want[partVAT]; vat != "" {
		v := facet{Name: partVAT, Want: vat, Now: p.VAT, Alike: normalVAT(p.VAT) == vat, Ours: true, Soft: true,
			Set: []filled{{Field: "vat", Value: vat, Rule: config.FieldRule{From: partVAT}}}}
		if w.colleagues() || w.l.Elsewhere {
			v.Stays = "others belong to the company too, or another company has the one that the account has now"
		}
		all = append(all, v)
	}
	return all
}

// contact plans what is written to one contact.
func (w *weighing) contact(p *person, firm bool, all []facet) {
	e := edit{ID: p.ID, Firm: firm, words: contactWords(*p)}
	var theirs, foreign []string
	kin := slices.ContainsFunc(all, facet.same) && !w.anotherPerson(p)
	for _, f := range all {
		f.Ours, f.Kin = f.Ours || p.Company, kin
		switch w.verdict(p, f) {
		case itsTheirs:
			theirs = append(theirs, f.Name)
		case itsForeign:
			foreign = append(foreign, f.Name)
		case itLater:
			w.p.waits = append(w.p.waits, f.Name)
			w.p.told(p.ID, f.Stays, f.Name)
		case itGoes:
			e.Parts = append(e.Parts, f.Name)
			if f.Soft {
				e.Soft = append(e.Soft, f.Set...)
			} else {
				e.Set = append(e.Set, f.Set...)
			}
			w.moved(p, f)
		}
	}
	w.p.told(p.ID, "it was changed in Odoo, or it is not known who changed it", theirs...)
	w.p.told(p.ID, "an order or an account did not make it, so only people change it", foreign...)
	if len(e.Parts) > 0 {
		slices.Sort(e.Parts)
		w.p.Edits = append(w.p.Edits, e)
	}
}

// The verdicts on a facet.
const (
	itStays    = iota // nothing is to be written
	itGoes            // it is written
	itsTheirs         // people have the last word
	itsForeign        // the contact is none that we made
	itLater           // not now
)

// verdict is the rule: what the shop changed is written where Odoo still holds what was
// brought last, or nothing, or what a run wrote that did not end well or ran beside
// another. Where nothing is remembered, a contact that nobody wrote to
// since an order or an account made it holds what was brought, unless that may have been
// another's.
func (w *weighing) verdict(p *person, f facet) int {
	was, told := w.l.Last.Fields[f.Name]
	tried := w.l.Last.tried(mark(w.o, f.Name, f.Now))
	switch {
	case told && was == mark(w.o, f.Name, f.Want) && !w.l.Last.Begun, f.Want == f.Now, f.Want == "" && was == "" && !tried:
		return itStays
	}
	brought := tried || told && was == mark(w.o, f.Name, f.Now) || f.Now != "" && slices.Contains(f.Was, mark(w.o, partName, f.Now))
	if !brought && f.Alike {
		return itStays
	}
	goes := brought || f.Now == ""
	if (f.Ours || !goes && !told) && !w.l.Done.Ours {
		w.p.Asks.Ours = true
		return itStays
	}
	made := w.l.Ours[p.ID] && p.row.Str("create_date") != "" && p.row.Str("create_date") == p.row.Str("write_date")
	if made && !goes && !told && p.Company && !w.l.Done.Children {
		w.p.Asks.Children = true
		return itStays
	}
	made = made && w.alone(p, f)
	switch {
	case f.Ours && !w.l.Ours[p.ID]:
		return itsForeign
	case !goes && (told || !made):
		return itsTheirs
	}
	w.ask(f)
	switch {
	case f.Stays != "":
		return itLater
	case f.Name == partAddress && !told && w.below():
		return itStays
	}
	return itGoes
}

// ask asks for what must be known before a facet is written.
func (w *weighing) ask(f facet) {
	family := f.Name == partVAT || f.Name == partAddress && f.Now != ""
	switch done := w.l.Done; {
	case family && !done.Children:
		w.p.Asks.Children = true
	case f.Name == partAddress && f.Now != "" && !done.Open:
		w.p.Asks.Open = true
	case f.Name == partEmail && f.Want != "" && !done.Taken:
		w.p.Asks.Taken = true
	}
}

// moved lets the addresses of the account be held against what the contact says then.
func (w *weighing) moved(p *person, f facet) {
	before := p.place
	switch f.Name {
	case partName, partCompany:
		if f.Set[0].Field == "name" {
			p.Name = f.Want
		}
	case partPhone:
		p.Phone = f.Want
	case partAddress:
		p.place = w.home(w.o).at(p.place)
		if b := w.l.Buyer; b != p && b.Parent == p.ID && b.door() == before.door() { // Odoo moves him too
			b.place = p.at(b.place)
		}
	}
}

// fields are those that books.fields fills.
func (w *weighing) fields(p *person) (all []facet) {
	for _, g := range givenFor(w.Books.Fields, w.o, config.OnCustomer) {
		c := w.Columns[partnerModel][g.Field]
		if w.misfit(g.FieldRule) != nil || g.isVAT() && (p.Company || w.vat(w.o).Value != "") {
			continue
		}
		name := partField + g.Field
		if was, told := w.l.Last.Fields[name]; c.Type == "many2one" && g.value != "" && (!told || was != mark(w.o, name, w.want[name])) && !w.l.Done.Records {
			w.p.Asks.Records = true
		}
		f, why := w.fill(w.o, g, w.l.Records)
		if why == "" && g.value == "" && c.Required {
			continue
		}
		if why != "" {
			if was, told := w.l.Last.Fields[name]; !told || was != mark(w.o, name, w.want[name]) {
				w.p.Notices = append(w.p.Notices, why)
			}
			continue
		}
		all = append(all, facet{Name: name, Want: w.want[name], Now: c.now(p.row, g.Field), Alike: c.holds(p.row, f), Set: []filled{f}, Soft: true,
			Ours: p.Company || g.isVAT()})
	}
	return all
}

// fieldWant is what the shop has for a field as one text, as now tells what Odoo has.
func (s settings) fieldWant(o *commerce.Order, g given) string {
	if c := s.Columns[partnerModel][g.Field]; c.Type == "many2one" {
		return g.value
	}
	f, why := s.fill(o, g, nil)
	if why != "" {
		return "\x00" + g.value
	}
	return f.Value
}
