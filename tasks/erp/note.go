package erp

import (
	"html"
	"net/url"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// The words for people stand as an internal note in the order's log: salespeople
// read it beside the order, it is printed nowhere and sent to nobody. The field
// "note" would not do: Odoo prints it as the terms on offers and invoices.

// remark is one line of the note.
type remark struct{ label, text string }

// remarks are what people want to know of an order beyond what it books.
func remarks(o *commerce.Order, notices []string) []remark {
	var all []remark
	add := func(label string, texts ...string) {
		texts = slices.DeleteFunc(texts, func(t string) bool { return t == "" })
		if len(texts) > 0 {
			all = append(all, remark{label, strings.Join(texts, ", ")})
		}
	}
	add("Buyer's note", strings.TrimSpace(o.Note))
	for _, a := range o.Attributes {
		if !strings.HasPrefix(a.Name, "_") { // the shops' mark of what is not for people
			add(strings.TrimSpace(a.Name), strings.TrimSpace(a.Value))
		}
	}
	add("Purchase order", strings.TrimSpace(o.PurchaseOrder))
	add("Payment", strings.TrimSpace(strings.Join(o.Gateways, ", ")+bracket(o.Financial)))
	for _, l := range o.Lines {
		if l.Kind == commerce.LineShipping {
			add("Delivery", strings.TrimSpace(l.Title+bracket(l.Code)))
		}
	}
	add("Pickup point or company", pickup(o))
	add("Shipped before import", o.Fulfilment)
	add("Sold over", o.Channel)
	add("Location", strings.TrimSpace(o.LocationName))
	add("Language", o.Locale)
	if o.Test {
		add("Test order", "yes")
	}
	add("Look at", strings.Join(notices, "; "))
	return all
}

func bracket(text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return ""
	}
	return " (" + text + ")"
}

// pickup is the company of the delivery where it is not the buyer's own: there
// shops put the name of a parcel locker or a store.
func pickup(o *commerce.Order) string {
	if o.Shipping == nil || fold(o.Shipping.Company) == fold(companyOf(o)) {
		return ""
	}
	return strings.TrimSpace(o.Shipping.Company)
}

// note is the whole of it as HTML. All that comes from outside is escaped, and
// only a web address becomes a link.
func note(o *commerce.Order, notices ...string) string {
	var b strings.Builder
	title := escape(o.Ref.Shop + " " + reference(o.Ref, o.Number))
	if u, err := url.Parse(o.URL); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		title = `<a href="` + escape(u.String()) + `">` + title + "</a>"
	}
	b.WriteString("<p>" + title + "</p>")
	all := remarks(o, notices)
	if len(all) == 0 {
		return b.String()
	}
	b.WriteString("<ul>")
	for _, r := range all {
		b.WriteString("<li><b>" + escape(r.label) + ":</b> " + escape(r.text) + "</li>")
	}
	return b.String() + "</ul>"
}

// escape makes text of HTML. A NUL, which no database keeps, is left out.
func escape(text string) string {
	text = html.EscapeString(strings.ReplaceAll(text, "\x00", ""))
	return strings.NewReplacer("\r\n", "<br/>", "\n", "<br/>", "\r", "<br/>").Replace(text)
}

// language is the installed language that a shop's locale means: the very one,
// else the one that stands for the language, else any of it; "" for none.
func (m *master) language(locale string) string {
	want := strings.ReplaceAll(strings.TrimSpace(locale), "-", "_")
	if want == "" {
		return ""
	}
	tongue, _, _ := strings.Cut(strings.ToLower(want), "_")
	best, rank := "", 3
	for _, l := range m.Languages { // sorted by code
		mine, _, _ := strings.Cut(strings.ToLower(l.Code), "_")
		r := 3
		switch {
		case strings.EqualFold(l.Code, want):
			r = 0
		case strings.EqualFold(l.ISO, tongue):
			r = 1
		case mine == tongue:
			r = 2
		}
		if r < rank {
			best, rank = l.Code, r
		}
	}
	return best
}
