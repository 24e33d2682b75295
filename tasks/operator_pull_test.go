package tasks

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// slowShop tells nothing before whoever asks has no more time.
type slowShop struct{ handlers.Orders }

func (slowShop) Placed(ctx context.Context, _, _ time.Time) iter.Seq2[commerce.Ref, error] {
	return func(yield func(commerce.Ref, error) bool) {
		<-ctx.Done()
		yield(commerce.Ref{}, fmt.Errorf("read page 1: %w", ctx.Err()))
	}
}

func TestWhatIsNotThroughInTheTimeOfARequestNamesItsCommand(t *testing.T) {
	r := newRig(t)
	r.opt.Shops["fi"].Orders = slowShop{}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := r.operator().Prove(ctx, "fi", at(0), at(1), 10)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "no bound: odoogate prove --shop fi --from "+at(0).Format(time.RFC3339)+" --to ")
	_, err = r.operator().Pull(ctx, "fi", PullWish{From: at(0), To: at(1)}, false)
	require.ErrorContains(t, err, "no bound: odoogate pull orders --shop fi --from ")
	changes, err := r.operator().Audit(context.Background(), "fi", 10)
	require.NoError(t, err)
	require.Empty(t, changes)
}

func TestAPullOfManyOrdersReadsNoneOfThemFirst(t *testing.T) {
	r := newRig(t)
	var ids []string
	for n := range mostRead + 1 {
		ids = append(ids, fmt.Sprint(5000+n))
	}
	few, err := r.operator().Pull(context.Background(), "fi", PullWish{IDs: ids[:mostRead]}, false)
	require.NoError(t, err)
	many, err := r.operator().Pull(context.Background(), "fi", PullWish{IDs: ids}, false)
	require.NoError(t, err)
	require.Equal(t, []any{Skipped, Asked}, []any{few.Orders[0].State, many.Orders[0].State}, "the shop has none of them")
	require.Len(t, many.Orders, mostRead+1)
}
