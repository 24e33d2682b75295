package odootest

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// invoiceDue is a posted invoice of 37.65 and who owes it.
func invoiceDue(t *testing.T, version int) (*Server, *client, Order) {
	t.Helper()
	s, c, o := billed(t, version)
	c.must("account.move", "action_post", o.Invoices[0].ID)
	o, _ = s.Order(o.ID)
	return s, c, o
}

func memoOf(s *Server) string { return s.models["account.payment"].fields["ref"].name }

// payRow loads a payment of an amount under an external id.
func (c *client) pay(xid string, partner int64, kind, amount string) int64 {
	c.t.Helper()
	columns := []string{"id", "payment_type", "partner_type", "partner_id/.id", "amount", "date", memoOf(c.s), "journal_id/.id"}
	ids, messages := c.load("account.payment", columns, [][]any{{xid, kind, "customer", partner, amount, "2026-11-20", "memo " + xid, c.s.ID("account.journal", "code", "BNK1")}}, nil)
	require.Empty(c.t, messages)
	return ids[0]
}

// open are the lines on customers' accounts that nothing is matched with.
func (c *client) open(moves ...int64) []any {
	c.t.Helper()
	rows := c.must("account.move.line", "search_read", []any{[]any{"move_id", "in", moves}, []any{"account_id.account_type", "=", "asset_receivable"}, []any{"reconciled", "=", false}}, []any{"move_id", "balance"}).([]any)
	var ids []any
	for _, r := range rows {
		ids = append(ids, r.(map[string]any)["id"])
	}
	return ids
}

func payment(t *testing.T, s *Server, id int64) Payment {
	t.Helper()
	all := s.Payments()
	i := slices.IndexFunc(all, func(p Payment) bool { return p.ID == id })
	require.GreaterOrEqual(t, i, 0)
	return all[i]
}

func TestAPaymentIsLoadedPostedAndMatchedOnce(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := invoiceDue(t, version)
		id := c.pay("odoogate.p1", o.Invoice, "inbound", "37.65")
		require.Equal(t, "draft", payment(t, s, id).State)
		require.Equal(t, version < 19, payment(t, s, id).Entry != 0, "17 has an entry at once")
		require.Nil(t, c.must("account.payment", "action_post", id))
		p := payment(t, s, id)
		require.Equal(t, []string{map[bool]string{true: "posted", false: "in_process"}[version < 19], "PBNK1/2026/00001", "memo odoogate.p1", "odoogate.p1", "37.65", "EUR"},
			[]string{p.State, p.Name, p.Memo, p.XID, p.Amount.String(), p.Currency})
		_, again := c.try("account.payment", "action_post", []any{id}, nil)
		require.Equal(t, version < 19, again != nil, "19 posts twice without a word")
		if version < 19 {
			require.Equal(t, id, c.pay("odoogate.p1", o.Invoice, "inbound", "37.65"), "loading it again changes nothing")
		}
		require.Nil(t, c.must("account.move.line", "reconcile", c.open(o.Invoices[0].ID, p.Entry)))
		o, _ = s.Order(o.ID)
		require.Equal(t, []string{"paid", "0"}, []string{o.Invoices[0].PaymentState, o.Invoices[0].Residual.String()})
		require.Equal(t, []int64{o.Invoices[0].ID}, o.Payments[0].Reconciled)
		require.True(t, o.Payments[0].IsReconciled)
		require.Equal(t, map[bool]string{true: "posted", false: "paid"}[version < 19], o.Payments[0].State)
		lines := c.must("account.move.line", "search", []any{[]any{"move_id", "in", []any{o.Invoices[0].ID, p.Entry}}, []any{"account_id.account_type", "=", "asset_receivable"}})
		require.Equal(t, "You are trying to reconcile some entries that are already reconciled.", c.refused("account.move.line", "reconcile", lines))
		require.Nil(t, c.must("account.move.line", "remove_move_reconcile", lines))
		require.Equal(t, "not_paid", s.Invoices()[0].PaymentState)
		require.Nil(t, c.must("account.move", "js_assign_outstanding_line", []any{o.Invoices[0].ID}, c.open(p.Entry)[0]))
		require.Equal(t, "paid", s.Invoices()[0].PaymentState)
	}
}

func TestLoadingAPostedPaymentAgainIn19LosesItsOutstandingAccount(t *testing.T) {
	s, c, o := invoiceDue(t, 19)
	id := c.pay("odoogate.p1", o.Invoice, "inbound", "37.65")
	c.must("account.payment", "action_post", id)
	c.pay("odoogate.p1", o.Invoice, "inbound", "37.65")
	c.must("account.move.line", "reconcile", c.open(o.Invoices[0].ID, payment(t, s, id).Entry))
	p := payment(t, s, id)
	require.False(t, p.IsReconciled, "though it is")
	require.Equal(t, []int64{o.Invoices[0].ID}, p.Reconciled)
	require.Equal(t, "paid", s.Invoices()[0].PaymentState)
}

func TestTheRegisterPaysAPartAndThenTheRest(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := invoiceDue(t, version)
		active := map[string]any{"active_model": "account.move", "active_ids": []any{o.Invoices[0].ID}}
		w := c.with(active, "account.payment.register", "create", map[string]any{"amount": 10, "communication": "WEB", "payment_date": "2026-11-21"})
		action := c.with(active, "account.payment.register", "action_create_payments", w).(map[string]any)
		p := payment(t, s, toInt64(t, action["res_id"]))
		require.Equal(t, []string{"10", "WEB", "2026-11-21"}, []string{p.Amount.String(), p.Memo, p.Date.Format(dateFormat)})
		require.Equal(t, []string{"partial", "27.65"}, []string{s.Invoices()[0].PaymentState, s.Invoices()[0].Residual.String()})
		rest := c.with(active, "account.payment.register", "create", map[string]any{})
		action = c.with(active, "account.payment.register", "action_create_payments", rest).(map[string]any)
		p = payment(t, s, toInt64(t, action["res_id"]))
		require.Equal(t, []string{"27.65", "INV/2026/00001"}, []string{p.Amount.String(), p.Memo})
		require.Equal(t, "paid", s.Invoices()[0].PaymentState)
		_, fault := c.try("account.payment.register", "create", []any{map[string]any{}}, map[string]any{"context": active})
		require.Contains(t, fault["message"], "nothing left to pay")
	}
}

func TestTheRegisterPaysSeveralInvoicesOneByOneOrTogether(t *testing.T) {
	for _, together := range []bool{false, true} {
		s, c, o := invoiceDue(t, 17)
		other := bill(t, s, c, 1)
		c.must("account.move", "action_post", other.Invoices[0].ID)
		active := map[string]any{"active_model": "account.move", "active_ids": []any{o.Invoices[0].ID, other.Invoices[0].ID}}
		w := c.with(active, "account.payment.register", "create", map[string]any{"group_payment": together})
		c.with(active, "account.payment.register", "action_create_payments", w)
		require.Len(t, s.Payments(), map[bool]int{true: 1, false: 2}[together])
		for _, inv := range s.Invoices() {
			require.Equal(t, "paid", inv.PaymentState)
		}
	}
}

func TestSeveralPairsInOneCallAreMatchedByAmountWhoeverPaid(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := invoiceDue(t, version)
		bob := s.AddPartner(map[string]any{"name": "Bob"})
		id := toInt64(t, c.must("sale.order", "create", map[string]any{"partner_id": bob, "order_line": []any{
			[]any{0, 0, map[string]any{"product_id": s.ID("product.product", "default_code", "WORK"), "product_uom_qty": 1, "price_unit": 10}}}}))
		c.must("sale.order", "action_confirm", id)
		c.bill(id)
		bobs, _ := s.Order(id)
		c.must("account.move", "action_post", bobs.Invoices[0].ID)
		a, b := c.pay("odoogate.a", o.Invoice, "inbound", "37.65"), c.pay("odoogate.b", bob, "inbound", "12.55")
		c.must("account.payment", "action_post", []any{a, b})
		c.must("account.move.line", "reconcile", c.open(o.Invoices[0].ID, bobs.Invoices[0].ID, payment(t, s, a).Entry, payment(t, s, b).Entry))
		require.Equal(t, version >= 19, slices.Equal([]int64{o.Invoices[0].ID}, payment(t, s, a).Reconciled), "17 mixes customers up")
	}
}

func TestMoneyGoesBackAgainstACreditNote(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := invoiceDue(t, version)
		in := c.pay("odoogate.in", o.Invoice, "inbound", "37.65")
		c.must("account.payment", "action_post", in)
		c.must("account.move.line", "reconcile", c.open(o.Invoices[0].ID, payment(t, s, in).Entry))
		w := c.with(map[string]any{"active_model": "account.move", "active_ids": []any{o.Invoices[0].ID}}, "account.move.reversal", "create", map[string]any{"reason": "r"})
		note := toInt64(t, c.must("account.move.reversal", "reverse_moves", w).(map[string]any)["res_id"])
		c.must("account.move", "action_post", note)
		require.Equal(t, "not_paid", s.Invoices()[1].PaymentState, "the invoice is paid already")
		back := c.pay("odoogate.out", o.Invoice, "outbound", "37.65")
		c.must("account.payment", "action_post", back)
		c.must("account.move.line", "reconcile", c.open(note, payment(t, s, back).Entry))
		require.Equal(t, "paid", s.Invoices()[1].PaymentState)
		require.Equal(t, []int64{note}, payment(t, s, back).Reconciled)
		require.Equal(t, "outbound", payment(t, s, back).Kind)
	}
}

func TestAPaymentInAnotherCurrencyCountsInTheBooks(t *testing.T) {
	s, c, o := invoiceDue(t, 17)
	columns := []string{"payment_type", "partner_type", "partner_id/.id", "amount", "currency_id/.id", "journal_id/.id"}
	ids, messages := c.load("account.payment", columns, [][]any{{"inbound", "customer", o.Invoice, "10.80", s.ID("res.currency", "name", "USD"), s.ID("account.journal", "code", "BNK1")}}, nil)
	require.Empty(t, messages)
	c.must("account.payment", "action_post", ids)
	c.must("account.move.line", "reconcile", c.open(o.Invoices[0].ID, payment(t, s, ids[0]).Entry))
	require.Equal(t, []string{"partial", "27.65"}, []string{s.Invoices()[0].PaymentState, s.Invoices()[0].Residual.String()})
}

func TestWhereThePaymentWaitsDecidesWhenItIsPaid(t *testing.T) {
	s, c, o := invoiceDue(t, 19)
	bank := s.ID("account.journal", "code", "BNK1")
	s.SetOutstanding(bank, "bank")
	id := c.pay("odoogate.direct", o.Invoice, "inbound", "5")
	c.must("account.payment", "action_post", id)
	require.Equal(t, "paid", payment(t, s, id).State, "on the bank's own account nothing is waited for")
	s.SetOutstanding(bank, "101499")
	id = c.pay("odoogate.waits", o.Invoice, "inbound", "5")
	c.must("account.payment", "action_post", id)
	require.Equal(t, "in_process", payment(t, s, id).State)
	s.SetOutstanding(bank, "")
	s.UseAccounting()
	id = c.pay("odoogate.none", o.Invoice, "inbound", "5")
	c.must("account.payment", "action_post", id)
	require.Zero(t, payment(t, s, id).Entry, "no account, no entry")
}

func TestAPaymentWithoutMoneyIsRefusedOrTaken(t *testing.T) {
	s, c, _ := invoiceDue(t, 17)
	_, messages := c.load("account.payment", []string{"payment_type", "amount", "journal_id/.id"}, [][]any{{"inbound", "-5", s.ID("account.journal", "code", "BNK1")}}, nil)
	require.Equal(t, "'The payment amount cannot be negative.'", messages[0]["message"])
	ids, messages := c.load("account.payment", []string{"payment_type", "amount"}, [][]any{{"inbound", "5"}}, nil)
	require.Empty(t, messages)
	require.Equal(t, "Bank", payment(t, s, ids[0]).Journal)
}

func TestALostAnswerLeavesThePaymentBooked(t *testing.T) {
	s, c, o := invoiceDue(t, 17)
	id := c.pay("odoogate.p1", o.Invoice, "inbound", "37.65")
	s.Fault(func(model, method string) FaultMode {
		return map[bool]FaultMode{true: DropAfter}[model == "account.payment" && method == "action_post"]
	})
	require.False(t, c.reaches("account.payment", "action_post", id))
	s.Fault(nil)
	require.Equal(t, "posted", payment(t, s, id).State)
}

func TestBooksOfALowUserAreClosed(t *testing.T) {
	s, _, o := invoiceDue(t, 17)
	low := newClient(t, s, "low", "low")
	require.Contains(t, low.refused("account.move", "action_post", o.Invoices[0].ID), "You are not allowed to modify 'Journal Entry' (account.move) records.")
	require.Contains(t, low.refused("account.payment", "create", map[string]any{"amount": 1}), "You are not allowed to create 'Payments' (account.payment) records.")
	require.True(t, s.Invoices()[0].Total.Equal(decimal.RequireFromString("37.65")))
}
