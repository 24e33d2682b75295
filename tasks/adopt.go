package tasks

import (
	"fmt"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// adopted is how a run ends of an order that stands in Odoo as one that somebody else
// made. It has none of our external ids, so nothing can be written to it without the
// danger of a second line or invoice: who made it carries it on, and is told when the
// shop changes it.
func (r *Record) adopted(o *commerce.Order) (Verdict, error) {
	a := r.Adopted
	if o.Digest() != a.Digest {
		return Verdict{}, &commerce.Error{Op: "adopted", Reason: commerce.Diverged, Ref: o.Ref,
			Detail: fmt.Sprintf("the order changed in the shop since %s was adopted for it", a.OdooName),
			Remedy: fmt.Sprintf("make %s equal in Odoo by hand, then: odoogate adopt %s %s --yes", a.OdooName, o.Ref.Shop, o.Ref.ID)}
	}
	r.OdooID, r.OdooName, r.UpdatedAt, r.Total = a.OdooID, a.OdooName, o.UpdatedAt, o.Total.String()
	r.Digest, r.Lines, r.Progress, r.Begun = a.Digest, o.LinesDigest(), "", false
	return Verdict{Outcome: Done, Reason: "adopted"}, nil
}
