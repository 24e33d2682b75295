package tasks

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// beside makes an account equal, whose import waits meanwhile as this waits for that.
func (p *push) beside(ref commerce.Ref) (Verdict, error) {
	account, err := p.leases.beside(p.held.ctx, ref)
	if err != nil {
		return Verdict{}, &commerce.Error{Op: "enter", Reason: commerce.Unavailable, Ref: ref, Err: err}
	}
	if account == nil {
		detail := "the account is being looked at"
		if p.made {
			detail = "the account was made, and is being looked at"
		}
		return Verdict{Outcome: Snooze, Reason: string(commerce.Conflict), Detail: detail, After: time.Second}, nil
	}
	defer account.close()
	v, fields, err := p.equal(account, ref)
	if e := p.leave(account, p.email, fields); err == nil {
		err = e
	}
	return v, err
}

// leave gives the account's lease back. What came for it meanwhile was told that somebody
// looks: that is asked for before.
func (p *push) leave(account *lease, email string, fields []any) error {
	for n, final := 0, false; ; n++ {
		answer, err := account.settled(p.held.ctx, p.held.ref, email, fields, final)
		switch {
		case err != nil:
			return err
		case answer == leaseLost:
			return errLeaseLost
		case answer == leaseFree:
			return nil
		}
		if _, err := p.queue.Ask(context.WithoutCancel(p.held.ctx), laneOf(p.held.ctx), account.ref, "more", account.token+"/"+strconv.Itoa(n)); err != nil {
			return err
		}
		fields, final = nil, n > 0
	}
}

// equal writes what of an account is Odoo's to say, and returns what is to be remembered
// of it. Both sides are read once more: no import changes the contact from here on.
func (p *push) equal(account *lease, ref commerce.Ref) (Verdict, []any, error) {
	fail := func(err error) (Verdict, []any, error) { return Verdict{}, nil, err }
	k, err := p.contact()
	if err != nil {
		return fail(err)
	}
	if k.Skip != "" {
		return Verdict{Outcome: Skipped, Reason: k.Skip, Remedy: k.Remedy}, nil, nil
	}
	p.email = k.Email()
	c, err := p.shop.Customers.Customer(account.ctx, ref.ID)
	if commerce.ReasonOf(err) == commerce.NotFound { // it was there a moment ago
		err = &commerce.Error{Op: "push", Reason: commerce.Conflict, Ref: ref, Detail: "the account went away meanwhile", Err: err}
	}
	if err != nil {
		return fail(err)
	}
	p.end.did("read", time.Now())
	rec, _, err := p.journal.Get(account.ctx, ref)
	if err != nil {
		return fail(&commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: ref, Err: err})
	}
	last := rec.CustomerApplied()
	if v, err := p.meets(k, c, last); v != nil || err != nil {
		return orVerdict(v), nil, err
	}
	plan := k.Plan(c, last, p.sent)
	if !p.shop.Config.Live() {
		return observedPush(c, plan), nil, nil
	}
	v := Verdict{Outcome: Done, Reason: "unchanged", Detail: strings.Join(plan.Notices, "; ")}
	if !plan.Write.Empty() {
		if c, err = p.write(account, c.Ref.ID, plan); err != nil {
			return fail(redacted(err, k.Words()))
		}
		v.Reason = "updated"
	}
	if p.made {
		v.Reason = "created"
	}
	for _, notice := range plan.Notices {
		p.log.Warn("contact holds something to look at", "shop", p.shop.ID, "ref", p.held.ref.String(), "notice", notice)
	}
	return v, p.remember(k, c, rec), nil
}

// write changes the account, and notes before what it is about to.
func (p *push) write(account *lease, id string, plan erp.PushPlan) (*commerce.Customer, error) {
	if err := p.intend(plan.Sent); err != nil {
		return nil, err
	}
	for _, l := range []*lease{p.held, account} {
		if err := l.still(account.ctx); err != nil {
			return nil, err
		}
	}
	c, err := p.setter.SetCustomer(account.ctx, id, plan.Write)
	if err == nil {
		p.end.did("told", time.Now())
	}
	return c, err
}

// intend notes what is about to be written, beside what was noted before: which of it the
// shop has after a run that broke off, only the shop tells.
func (p *push) intend(sent map[string]string) error {
	const most = 5
	all := maps.Clone(p.sent)
	if all == nil {
		all = map[string]string{}
	}
	for part, mark := range sent {
		marks := slices.DeleteFunc(strings.Fields(all[part]), func(m string) bool { return m == mark })
		marks = append(marks, mark)
		all[part] = strings.Join(marks[max(0, len(marks)-most):], " ")
	}
	p.sent = all
	if err := p.rdb.HSet(p.held.ctx, recordKey(p.held.ref), "sent", packed(all, len(all))).Err(); err != nil {
		return &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: p.held.ref, Err: err}
	}
	return nil
}

// remember is what is known of the account from here on: the marks of what both sides
// hold, and where that is all of it, that no import has anything to do.
func (p *push) remember(k *erp.Contact, c *commerce.Customer, rec Record) []any {
	marks, whole := k.Agreed(c, rec.CustomerApplied())
	fields := []any{"marks", packed(marks, len(marks)), "odoo_id", strconv.FormatInt(k.ID, 10), "odoo_name", strconv.FormatInt(k.ID, 10)}
	if whole && !rec.Begun && (rec.Outcome == "" || rec.Outcome == Done || rec.Outcome == Skipped) {
		fields = append(fields, "outcome", string(Done), "reason", "pushed", "detail", "", "remedy", "", "event", p.end.rec.Event, "at", stamp(time.Now()),
			"digest", c.Digest(), "updated", stamp(c.UpdatedAt), "under", under(p.shop.Config))
	}
	return fields
}
