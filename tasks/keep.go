package tasks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// keepEvery is how often the state file is compared with Redis.
const keepEvery = time.Minute

// keptState is what a worker keeps in a file of its own, for the day on which Redis
// loses everything: what people said, which no other system knows, how far the shops were
// swept, and what had to wait before that.
type keptState struct {
	// Signed is the sign of life in Redis, in ms, when it held this: one that comes back
	// with an older sign is older than the file.
	Signed int64               `json:"signed"`
	Data   string              `json:"data,omitempty"` // of which data set that is a sign
	Shops  map[string]keptShop `json:"shops"`
}

type keptShop struct {
	Swept   string            `json:"swept,omitempty"` // the cursor, in ms
	Ties    map[string]string `json:"ties,omitempty"`
	Adopted map[string]string `json:"adopted,omitempty"`
	// Open are the records that wait for a person or for something in Odoo: they may have
	// changed long before the sweep that follows a loss begins.
	Open []string `json:"open,omitempty"`
}

// adoptedKey is a hash: the shop's orders that a person said stand in Odoo as ones that
// somebody else made. Their records have it too.
func adoptedKey(shop string) string { return shopKey(shop, "adopted") }

// keep writes the state file where Redis holds something else. Only the data set that we
// left a sign of life in counts: one that lost everything is no state to be kept. A shop
// that left the configuration stays in the file: it may come back.
func (c *carer) keep(ctx context.Context) error {
	if c.cfg.State == "" || c.last.data == "" || time.Since(c.file.at) < keepEvery {
		return nil
	}
	c.file.at = time.Now()
	if c.file.due {
		if _, err := c.recall(ctx, false); err != nil {
			return err
		}
	}
	state, err := readKept(c.cfg.State)
	if err != nil {
		return err
	}
	before, err := json.Marshal(state.said())
	if err != nil {
		return err
	}
	if state.Shops == nil {
		state.Shops = map[string]keptShop{}
	}
	for id := range c.shops {
		state.Shops[id] = keptShop{}
	}
	pipe := c.rdb.TxPipeline()
	sign := pipe.Get(ctx, tickKey)
	cursors, ties, adopted := map[string]*redis.StringCmd{}, map[string]*redis.MapStringStringCmd{}, map[string]*redis.MapStringStringCmd{}
	parked, waiting := map[string]*redis.StringSliceCmd{}, map[string]*redis.StringSliceCmd{}
	for id := range state.Shops {
		cursors[id] = pipe.HGet(ctx, cursorKey(id), "at")
		ties[id], adopted[id] = pipe.HGetAll(ctx, tiesKey(id)), pipe.HGetAll(ctx, adoptedKey(id))
		parked[id], waiting[id] = pipe.ZRange(ctx, parkedKey(id), 0, -1), pipe.ZRange(ctx, waitingKey(id), 0, -1)
	}
	if _, err := pipe.Exec(ctx); ignoreNil(err) != nil {
		return fmt.Errorf("state file: %w", err)
	}
	now, ok := parseTick(sign.Val())
	if !ok || now.data != c.last.data {
		return nil
	}
	state.Signed, state.Data = now.at.UnixMilli(), now.data
	for id := range state.Shops {
		open := slices.Concat(parked[id].Val(), waiting[id].Val())
		slices.Sort(open)
		state.Shops[id] = keptShop{Swept: cursors[id].Val(), Ties: ties[id].Val(), Adopted: adopted[id].Val(), Open: slices.Compact(open)}
	}
	after, err := json.Marshal(state.said())
	if err != nil || bytes.Equal(before, after) {
		return err
	}
	return state.write(c.cfg.State)
}

// said is the state without its time: what is worth writing.
func (s keptState) said() keptState {
	s.Signed = 0
	return s
}

// keptFile is what a worker knows of its file.
type keptFile struct {
	at  time.Time // of the last look
	due bool      // what it holds has to be put back before it is written
}

// write replaces the file in one step.
func (s keptState) write(path string) (err error) {
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("state file (worker.state): %w; let the user of the worker write there, or name another place", err)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // only we may read it
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(text)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// readKept is the state file; without one, nothing.
func readKept(path string) (state keptState, err error) {
	if path == "" {
		return state, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &state)
	}
	if err != nil {
		return keptState{}, fmt.Errorf("state file (worker.state): %w; mend it, or remove it if nothing was bound or adopted", err)
	}
	return state, nil
}

// recall puts back what people said, and tells how far each shop had been swept. In a
// Redis that lost everything it is put where nothing is: somebody may have been quicker.
// One that came back older than the file is given what the file says. Until it is done
// the file is not written.
func (c *carer) recall(ctx context.Context, older bool) (swept map[string]time.Time, err error) {
	defer func() { c.file.due = err != nil }()
	state, err := readKept(c.cfg.State)
	if err != nil {
		return nil, err
	}
	swept = map[string]time.Time{}
	pipe, n := c.rdb.Pipeline(), 0
	put := func(key, field, value string) {
		if n++; older {
			pipe.HSet(ctx, key, field, value)
		} else {
			pipe.HSetNX(ctx, key, field, value)
		}
	}
	for id, shop := range state.Shops {
		if at := millis(shop.Swept); !at.IsZero() {
			swept[id] = at
		}
		for name, to := range shop.Ties {
			put(tiesKey(id), name, to)
		}
		for member, a := range shop.Adopted {
			put(adoptedKey(id), member, a)
			put(shopKey(id, "record:"+member), "adopted", a)
		}
	}
	if err := c.askOpen(ctx, state); err != nil || n == 0 {
		return swept, err
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("state file: %w", err)
	}
	c.log.Warn("bindings and adoptions are back from the state file", "number", n)
	return swept, nil
}

// askOpen has the records looked at that waited: what changed lately is swept anyway, and
// they may have waited for longer.
func (c *carer) askOpen(ctx context.Context, state keptState) error {
	nonce := strconv.FormatInt(state.Signed, 10) // asked twice is asked once
	for id, shop := range state.Shops {
		if c.shops[id] == nil {
			continue // its sweep begins with the go-live date, once it is back
		}
		for _, member := range shop.Open {
			ref, err := commerce.ParseRef(id + "/" + member)
			if err != nil || !imports(kindOf(commerce.Event{Hint: lookAt(ref), Aggregate: ref})) {
				continue
			}
			if _, err := c.queue.Ask(ctx, LaneSweep, ref, "lost", nonce); err != nil {
				return fmt.Errorf("state file: %w", err)
			}
		}
	}
	return nil
}

// keptAfter reports whether the state file holds something that a Redis with that sign of
// life does not know yet.
func (c *carer) keptAfter(sign tick) bool {
	state, err := readKept(c.cfg.State)
	return err == nil && state.Signed > sign.at.UnixMilli()
}

// keptOfAnother reports whether the state file was read from another data set: Redis lost
// everything while this process was down, and another signed first.
func (c *carer) keptOfAnother(sign tick) bool {
	state, err := readKept(c.cfg.State)
	return err == nil && state.Data != "" && state.Data != sign.data
}
