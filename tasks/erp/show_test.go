package erp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func shown(t *testing.T, o *commerce.Order, h have, s settings, last Applied) string {
	t.Helper()
	p, err := planOrder(o, h, s, last)
	require.NoError(t, err)
	return strings.Join(p.show(o, h.Order, s), "\n")
}

func TestAPlanIsShownAStepALine(t *testing.T) {
	s := books()
	s.Books.Warehouse = "Helsinki"
	o := order()
	o.Locale = "fi"
	elsewhere := *o.Shipping
	elsewhere.Street = "Ågatan 2"
	o.Shipping = &elsewhere
	o.Lines[0].Properties = []commerce.Property{{Name: "Engraving", Value: "To Anna"}}
	want := `create quotation #1001 in company Oy Ab
customer: a new contact, in fi_FI
delivery address: a new contact
invoice address: the customer's own
order date 2026-11-20 10:00:00, pricelist EUR, warehouse Helsinki, an internal note
line 2 × MUG at 12.55, tax 25.5% G
line 1 × SHIP at 4.9, tax 25.5% G
compare: total 30.00 EUR with 6.10 EUR tax
confirm #1001
set the order date of #1001 to 2026-11-20 10:00:00`
	if diff := cmp.Diff(want, shown(t, o, have{Products: stock()}, s, Applied{})); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}

	o = order()
	kuppi(o)
	s.Strange, s.Books.Language = "tiktok", "fi_FI"
	text := shown(t, o, have{Products: stock()}, s, Applied{})
	require.Contains(t, text, "company: a new company, in fi_FI\ncustomer: a new contact, in fi_FI\n"+
		"delivery address: the customer's own\ninvoice address: the company's own\n")
	require.Contains(t, text, "\nlook at: the channel \"tiktok\" is under no channels of shop fi: the shop's books hold")

	o = order()
	h := have{Order: standingFrom(o, s, "sale"), Products: stock()}
	require.Equal(t, "nothing to write: S00007 (#1001) is equal", shown(t, o, h, s, Applied{Digest: o.Digest()}))
	threeMugs(o)
	require.Equal(t, "line 3 × MUG at 12.55, tax 25.5% G\ncompare: total 42.55 EUR with 8.65 EUR tax", shown(t, o, h, s, before(o)))
	o.CancelledAt = o.CreatedAt
	require.Equal(t, "cancel S00007 (#1001)", shown(t, o, h, s, before(o)))
}

func TestAPlanIsShownWithoutPersonalData(t *testing.T) {
	for _, c := range planCases() {
		o, s, h, last := order(), books(), have{Products: stock()}, Applied{}
		o.Note, o.Lines[0].Properties = "Secret note", []commerce.Property{{Name: "For", Value: "Secret person"}}
		if c.books != nil {
			c.books(&s)
		}
		if c.order != nil {
			c.order(o)
		}
		if c.have != nil {
			c.have(o, &h, s)
		}
		if c.last != nil {
			last = c.last(o)
		}
		p, err := planOrder(o, h, s, last)
		if err != nil {
			continue
		}
		text := strings.Join(p.show(o, h.Order, s), "\n")
		require.NotEmpty(t, text)
		for _, private := range []string{"Anna", "Virtanen", "example.com", "Mannerheim", "+358", "Secret", "Ek", "Drottninggatan"} {
			require.NotContains(t, text, private, c.name)
		}
	}
}
