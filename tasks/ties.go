package tasks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/tasks/erp"
)

// tiesKey is a hash: the shop's records that a person tied to one of Odoo's.
func tiesKey(shop string) string { return shopKey(shop, "ties") }

// Ties keeps which of Odoo's records stand for records of the shops. It is kept in
// Redis and in the workers' state file.
type Ties struct{ rdb *redis.Client }

// NewTies keeps ties in the Redis behind rdb.
func NewTies(rdb *redis.Client) *Ties { return &Ties{rdb: rdb} }

var _ erp.Ties = (*Ties)(nil)

// Ties are the ids in Odoo of those records that are tied.
func (t *Ties) Ties(ctx context.Context, shop string, of []erp.Tie) (map[erp.Tie]int64, error) {
	if len(of) == 0 {
		return nil, nil
	}
	names := make([]string, len(of))
	for i, one := range of {
		names[i] = one.String()
	}
	values, err := t.rdb.HMGet(ctx, tiesKey(shop), names...).Result()
	if err != nil {
		return nil, fmt.Errorf("ties of %s: %w", shop, err)
	}
	all := map[erp.Tie]int64{}
	for i, v := range values {
		if text, ok := v.(string); ok {
			if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 {
				all[of[i]] = id
			}
		}
	}
	return all, nil
}

// All are all ties of a shop.
func (t *Ties) All(ctx context.Context, shop string) (map[erp.Tie]int64, error) {
	m, err := t.rdb.HGetAll(ctx, tiesKey(shop)).Result()
	if err != nil {
		return nil, fmt.Errorf("ties of %s: %w", shop, err)
	}
	all := map[erp.Tie]int64{}
	for name, text := range m {
		kind, id, _ := strings.Cut(name, "/")
		all[erp.Tie{Kind: kind, ID: id}], _ = strconv.ParseInt(text, 10, 64) // written by us
	}
	return all, nil
}

// Tie ties records, in one step; those with the id 0 are tied no more.
func (t *Ties) Tie(ctx context.Context, shop string, to map[erp.Tie]int64) error {
	pipe := t.rdb.TxPipeline()
	for _, one := range slices.SortedFunc(maps.Keys(to), func(a, b erp.Tie) int { return strings.Compare(a.String(), b.String()) }) {
		if to[one] == 0 {
			pipe.HDel(ctx, tiesKey(shop), one.String())
		} else {
			pipe.HSet(ctx, tiesKey(shop), one.String(), to[one])
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("ties of %s: %w", shop, err)
	}
	return nil
}
