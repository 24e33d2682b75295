package tasks

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// ledger is an Odoo of totals by order; what is in extra only it has.
type ledger struct {
	totals map[string]int64
	extra  []erp.Dated
	theirs map[string]*erp.StoryOrder // by somebody else
	asked  int                        // single stories
	most   int                        // stories that were asked for at once
}

func (l *ledger) story(ref commerce.Ref) erp.Story {
	total, there := l.totals[ref.ID]
	if other := l.theirs[ref.ID]; other != nil {
		return erp.Story{Foreign: other.Name, Other: other}
	}
	if !there {
		return erp.Story{}
	}
	var id int64
	_, _ = fmt.Sscan(ref.ID, &id) // ids of the rig are numbers
	return erp.Story{Order: &erp.StoryOrder{ID: id, Name: "S" + ref.ID, State: "sale", Total: euros(total), Tax: euros(0)}}
}

func (l *ledger) Story(_ context.Context, _ config.Shop, ref commerce.Ref, _ string) (erp.Story, error) {
	l.asked++
	return l.story(ref), nil
}

func (l *ledger) Stories(_ context.Context, _ config.Shop, list []erp.Asked) ([]erp.Story, error) {
	l.most = max(l.most, len(list))
	out := make([]erp.Story, len(list))
	for i, a := range list {
		out[i] = l.story(a.Ref)
	}
	return out, nil
}

func (l *ledger) Dated(_ context.Context, _ config.Shop, _, _ time.Time, known func(int64) bool) iter.Seq2[erp.Dated, error] {
	return func(yield func(erp.Dated, error) bool) {
		for _, one := range l.extra {
			if !known(one.ID) && !yield(one, nil) {
				return
			}
		}
	}
}

func euros(n int64) commerce.Money {
	return commerce.Money{Amount: decimal.NewFromInt(n), Currency: "EUR"}
}

// proves is a rig with so many orders on both sides.
func proves(t *testing.T, orders int) (*rig, *ledger, Prover) {
	r := newRig(t)
	l := &ledger{totals: map[string]int64{}}
	for n := range orders {
		o := order(fmt.Sprint(5000+n), 1)
		o.CreatedAt = at(n % 60)
		r.shop.put(o)
		l.totals[o.Ref.ID] = 1
	}
	shop := r.opt.Shops["fi"]
	shop.Config.Mode = config.Live
	return r, l, Prover{Shop: shop, Books: l, Journal: NewJournal(r.rdb)}
}

func (r *rig) proof(p Prover) *Proof {
	r.t.Helper()
	proof, err := p.Prove(context.Background(), at(0), at(60))
	require.NoError(r.t, err)
	return proof
}

func TestAProofGoesByPagesAndKeepsWhatDiffers(t *testing.T) {
	r, l, p := proves(t, 600)
	require.True(t, r.proof(p).Equal)
	require.Equal(t, provePage, l.most)
	require.Equal(t, 600, r.shop.readCount(), "this platform reads them one by one")

	for n := range 40 {
		l.totals[fmt.Sprint(5000+n)] = 3
	}
	p.Most = 30
	var shares []float64
	p.Progress = func(_ int, share float64) { shares = append(shares, share) }
	proof := r.proof(p)
	require.False(t, proof.Equal)
	require.Equal(t, ProofOrders{Shop: 600, Equal: 560, Differ: 40}, proof.Orders)
	require.Len(t, proof.Apart, 30)
	require.Equal(t, 10, proof.More)
	require.Equal(t, "-80", proof.Sums[0].Total.Difference.String())
	require.Equal(t, CountPair{600, 600}, proof.Sums[0].Orders)
	require.Len(t, shares, 3)
	require.InDelta(t, 1, shares[2], 0)

	_, err := p.Prove(context.Background(), at(1), at(1))
	require.ErrorContains(t, err, "is not before")
	r.shop.listErr = errors.New("away")
	_, err = p.Prove(context.Background(), at(0), at(60))
	require.ErrorContains(t, err, "orders of fi: away")
}

func TestWhatOnlyOdooHasIsAskedForOneByOneAndNotForEver(t *testing.T) {
	r, l, p := proves(t, 1)
	for n := range proveSingly + 50 {
		id := fmt.Sprint(9000 + n)
		l.extra = append(l.extra, erp.Dated{Ref: ref(id), Origin: "fi/" + id, StoryOrder: erp.StoryOrder{ID: int64(9000 + n), Name: "S" + id, State: "sale", Total: euros(2)}})
	}
	l.extra = append(l.extra, erp.Dated{Ref: ref("7"), StoryOrder: erp.StoryOrder{ID: 7, State: "cancel", Total: euros(2)}},
		erp.Dated{Ref: ref("5000"), StoryOrder: erp.StoryOrder{ID: 5000, State: "sale", Total: euros(1)}})
	older := order("9001", 1)
	older.CreatedAt = at(0).Add(-time.Hour)
	r.shop.put(older) // placed in another time than Odoo dates it
	proof := r.proof(p)
	require.Equal(t, ProofOrders{Shop: 1, Equal: 1, OnlyOdoo: proveSingly + 49}, proof.Orders)
	require.Equal(t, 1+proveSingly, r.shop.readCount())
	require.Equal(t, fmt.Sprint(-2*(proveSingly+49)), proof.Sums[0].Total.Difference.String())
	require.Equal(t, "the shop has no such order: if it was deleted there, cancel S9000 in Odoo; if it is older than 60 days, see that the app may read all orders (odoogate check)",
		proof.Apart[0].Differences[0].Next)
	require.Equal(t, []string{"odoogate order show fi 9000"}, proof.Apart[0].Commands)
}

func TestAnAdoptedOrderCountsAndIsComparedByWhatItComesTo(t *testing.T) {
	r, l, p := proves(t, 1)
	delete(l.totals, "5000")
	l.theirs = map[string]*erp.StoryOrder{"5000": {ID: 77, Name: "S77", State: "sale", Total: euros(1), Tax: euros(0)}}
	require.Equal(t, ProofOrders{Shop: 1, OnlyShop: 1}, r.proof(p).Orders, "nobody adopted it")
	require.NoError(t, p.Journal.Adopt(t.Context(), ref("5000"), Adoption{OdooID: 77, OdooName: "S77"}))
	proof := r.proof(p)
	require.True(t, proof.Equal, "%+v", proof.Apart)
	require.Equal(t, CountPair{1, 1}, proof.Sums[0].Orders)
	l.theirs["5000"].Total = euros(3)
	a := r.proof(p).Apart[0]
	require.Equal(t, []erp.Difference{{What: "total", Shop: "1.00 EUR", Odoo: "3.00 EUR", Next: "S77 was adopted and is never written: make it equal in Odoo by hand", Repair: erp.ByPerson}}, a.Differences)
	l.theirs["5000"].State = "cancel"
	require.Len(t, r.proof(p).Apart[0].Differences, 2)
}

func TestWhatIsParkedIsADifferenceThoughBothSidesAreEqual(t *testing.T) {
	r, _, p := proves(t, 2)
	p.Shop.Config.Import.Unpaid = "skip"
	r.shop.put(func() *commerce.Order { o := order("5001", 1); o.CreatedAt, o.Test = at(1), true; return o }())
	l := p.Books.(*ledger)
	delete(l.totals, "5001")
	require.NoError(t, r.rdb.HSet(context.Background(), recordKey(ref("5000")), "outcome", "parked", "reason", "mismatch", "remedy", "compare the taxes").Err())
	proof := r.proof(p)
	require.Equal(t, ProofOrders{Shop: 2, Differ: 1, StayOut: 1}, proof.Orders)
	require.Equal(t, []StaysOut{{Why: "test order (import.test is skip)", Currency: "EUR", Orders: 1, Total: euros(1).Amount, Examples: []string{"5001"}}}, proof.StaysOut)
	a := proof.Apart[0]
	require.Equal(t, "run", a.Differences[0].What)
	require.Equal(t, "compare the taxes", a.Journal.Remedy)
	require.Equal(t, []string{"odoogate pull orders --shop fi --ids 5000 --wait", "odoogate events ls fi --record order/5000"}, a.Commands)

	require.NoError(t, r.rdb.HSet(context.Background(), recordKey(ref("5001")), "outcome", "parked").Err())
	require.Equal(t, ProofOrders{Shop: 2, Differ: 1, OnlyShop: 1}, r.proof(p).Orders, "what is parked does not stay out by a rule")
	p.Shop.Config.Mode = "observe"
	require.Equal(t, []string{"odoogate explain fi 5001"}, r.proof(p).Apart[1].Commands)
}
