package erp

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Where Odoo finds no account for what is received, it refuses the payment (17) or
// makes it without an entry (later ones with the Accounting app).
func TestJournalsWithoutAnOutstandingAccountAreFound(t *testing.T) {
	const refused = `neither the payment method of the journal "Bank" nor company "Oy Ab" has an outstanding receipts account: Odoo refuses payments there`
	const bare = `the payment method of the journal "Bank" has no outstanding account: with Odoo's Accounting app its payments make no entry, and no invoice is settled`
	own := map[int64]bool{8: true}
	for name, tc := range map[string]struct {
		version  int
		accounts outstanding
		want     []string
	}{
		"17, the method's own":           {17, outstanding{read: true, of: own}, nil},
		"17, the company's":              {17, outstanding{read: true, company: true}, nil},
		"17, neither":                    {17, outstanding{read: true}, []string{refused}},
		"17 Enterprise, the company's":   {17, outstanding{read: true, company: true, accounting: true}, nil},
		"19, the method's own":           {19, outstanding{read: true, of: own, accounting: true}, nil},
		"19 Community takes the chart's": {19, outstanding{read: true}, nil},
		"19 with the Accounting app":     {19, outstanding{read: true, accounting: true}, []string{bare}},
		"who may not read them":          {17, outstanding{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := books()
			s.Version, s.Names.PaymentMemo = tc.version, "memo"
			s.Journals, s.Methods = []known{{ID: 6, Name: "Bank", Company: 1}}, []known{{ID: 8, Name: "Manual", Journal: 6}}
			s.Books.Payments.Journals = map[string]string{"klarna": "Bank"}
			c := &inspection{f: &commerce.Findings{}}
			c.journal(s, "klarna", tc.accounts)
			var got []string
			for _, f := range c.f.List {
				got = append(got, f.Text)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
