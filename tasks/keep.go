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
	"time"

	"github.com/redis/go-redis/v9"
)

// keepEvery is how often the state file is compared with Redis.
const keepEvery = time.Minute

// keptState is what a worker keeps in a file of its own, for the day on which Redis
// loses everything: what people said, which no other system knows, and how far the shops
// were swept.
type keptState struct {
	Shops map[string]keptShop `json:"shops"`
}

type keptShop struct {
	Swept   string            `json:"swept,omitempty"` // the cursor, in ms
	Ties    map[string]string `json:"ties,omitempty"`
	Adopted map[string]string `json:"adopted,omitempty"`
}

// adoptedKey is a hash: the shop's orders that a person said stand in Odoo as ones that
// somebody else made. Their records have it too.
func adoptedKey(shop string) string { return shopKey(shop, "adopted") }

// keep writes the state file where Redis holds something else. Only the data set that we
// left a sign of life in counts: one that lost everything is no state to be kept.
func (c *carer) keep(ctx context.Context) error {
	if c.cfg.State == "" || c.last.data == "" || time.Since(c.file.at) < keepEvery {
		return nil
	}
	c.file.at = time.Now()
	pipe := c.rdb.TxPipeline()
	sign := pipe.Get(ctx, tickKey)
	cursors, ties, adopted := map[string]*redis.StringCmd{}, map[string]*redis.MapStringStringCmd{}, map[string]*redis.MapStringStringCmd{}
	for id := range c.shops {
		cursors[id] = pipe.HGet(ctx, cursorKey(id), "at")
		ties[id], adopted[id] = pipe.HGetAll(ctx, tiesKey(id)), pipe.HGetAll(ctx, adoptedKey(id))
	}
	if _, err := pipe.Exec(ctx); ignoreNil(err) != nil {
		return fmt.Errorf("state file: %w", err)
	}
	if now, ok := parseTick(sign.Val()); !ok || now.data != c.last.data {
		return nil
	}
	state := keptState{Shops: map[string]keptShop{}}
	for id := range c.shops {
		state.Shops[id] = keptShop{Swept: cursors[id].Val(), Ties: ties[id].Val(), Adopted: adopted[id].Val()}
	}
	return c.file.write(c.cfg.State, state)
}

// keptFile is what a worker knows of its file.
type keptFile struct {
	at   time.Time // of the last look
	text []byte
}

// write replaces the file in one step, if anything changed.
func (f *keptFile) write(path string, state keptState) (err error) {
	text, err := json.MarshalIndent(state, "", "\t")
	if err != nil || bytes.Equal(text, f.text) {
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
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	f.text = text
	return nil
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
		return keptState{}, fmt.Errorf("state file (worker.state): %w", err)
	}
	return state, nil
}

// recall puts back what people said, where a Redis that lost everything has nothing in
// its place, and tells how far each shop had been swept.
func (c *carer) recall(ctx context.Context) (swept map[string]time.Time, err error) {
	state, err := readKept(c.cfg.State)
	if err != nil {
		return nil, err
	}
	swept = map[string]time.Time{}
	pipe, n := c.rdb.Pipeline(), 0
	for id, shop := range state.Shops {
		if c.shops[id] == nil {
			continue
		}
		if at := millis(shop.Swept); !at.IsZero() {
			swept[id] = at
		}
		for name, to := range shop.Ties {
			pipe.HSetNX(ctx, tiesKey(id), name, to)
			n++
		}
		for member, a := range shop.Adopted {
			pipe.HSetNX(ctx, adoptedKey(id), member, a)
			pipe.HSetNX(ctx, shopKey(id, "record:"+member), "adopted", a)
			n++
		}
	}
	if n == 0 {
		return swept, nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("state file: %w", err)
	}
	c.log.Warn("bindings and adoptions are back from the state file", "number", n)
	return swept, nil
}
