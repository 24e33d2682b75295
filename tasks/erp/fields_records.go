package erp

import (
	"cmp"
	"context"
	"slices"

	"github.com/odoogate/odoogate/odooclient"
)

// record is what a many2one is found by.
type record struct{ Model, Name string }

// records finds what many2one fields are to lead to, by exact names, among those of the
// shop's company and of every company. What our user may not see is not there.
func (r reader) records(ctx context.Context, all []given) (map[record][]int64, error) {
	var asks []record
	for _, g := range all {
		c := r.Columns[modelOf(g.FieldRule)][g.Field]
		if a := (record{c.Relation, g.value}); g.value != "" && c.Type == "many2one" && r.misfit(g.FieldRule) == nil && !slices.Contains(asks, a) {
			asks = append(asks, a)
		}
	}
	found := make([][]int64, len(asks))
	err := each(ctx, asks, func(ctx context.Context, i int) (err error) {
		found[i], err = r.recordsNamed(ctx, asks[i])
		return optional(err)
	})
	byName := map[record][]int64{}
	for i, a := range asks {
		byName[a] = found[i]
	}
	return byName, err
}

func (r reader) recordsNamed(ctx context.Context, a record) (ids []int64, err error) {
	fields, err := r.odoo.Fields(ctx, a.Model)
	if err != nil || fields.First("name") == "" {
		return nil, err
	}
	q := odooclient.Query{Model: a.Model, Field: "name", Fields: []string{"name"}, Context: r.context()}
	company := fields.First("company_id")
	if company != "" {
		q.Fields = append(q.Fields, company)
	}
	rows, err := r.odoo.Find(ctx, q, a.Name)
	for _, row := range rows {
		if owner, _ := row.Ref(cmp.Or(company, "company_id")); owner == 0 || owner == r.Company.ID {
			ids = append(ids, row.ID())
		}
	}
	return ids, err
}
