package tasks

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// cursorKey is a hash: how far a shop was swept. cursorLogKey lists how people set it,
// the latest first.
func cursorKey(shop string) string    { return shopKey(shop, "cursor") }
func cursorLogKey(shop string) string { return shopKey(shop, "cursor log") }

// cursorLogged is how many settings by hand are kept.
const cursorLogged = 100

// Cursor is how far the changes of a shop were looked at, by the shop's clock: all that
// changed before At was.
type Cursor struct {
	Shop string    `json:"shop"`
	At   time.Time `json:"at,omitzero"`
	// From and Until are the window that is looked through, or was last; Open says that
	// it is not through. Seen counts the changes in it, Asked those of which a look was
	// asked for.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	Open  bool      `json:"open"`
	Seen  int       `json:"seen"`
	Asked int       `json:"asked"`
	// Set is how people set it, the latest first.
	Set []CursorSet `json:"set,omitempty"`
}

// CursorSet is one setting by hand.
type CursorSet struct {
	When time.Time `json:"when"`
	By   string    `json:"by"`
	Why  string    `json:"why,omitempty"`
	From time.Time `json:"from,omitzero"` // where it stood
	To   time.Time `json:"to"`
}

// Cursors tells how far the shops were swept, and changes it.
type Cursors struct{ rdb *redis.Client }

// NewCursors keeps cursors in the Redis behind rdb.
func NewCursors(rdb *redis.Client) *Cursors { return &Cursors{rdb: rdb} }

// Get is the cursor of a shop; At is zero where it was never swept.
func (c *Cursors) Get(ctx context.Context, shop string) (Cursor, error) {
	pipe := c.rdb.Pipeline()
	hash, log := pipe.HGetAll(ctx, cursorKey(shop)), pipe.LRange(ctx, cursorLogKey(shop), 0, -1)
	if _, err := pipe.Exec(ctx); err != nil {
		return Cursor{}, fmt.Errorf("cursor of %s: %w", shop, err)
	}
	m := hash.Val()
	cur := Cursor{Shop: shop, At: millis(m["at"]), From: millis(m["from"]), Until: millis(m["until"]), Open: m["open"] != ""}
	cur.Seen, _ = strconv.Atoi(m["seen"])
	cur.Asked, _ = strconv.Atoi(m["asked"])
	for _, line := range log.Val() {
		var s CursorSet
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			return cur, fmt.Errorf("cursor of %s: how it was set cannot be read: %w", shop, err)
		}
		cur.Set = append(cur.Set, s)
	}
	return cur, nil
}

// Set moves the cursor of a shop, writes down who did it, when and from where, and has
// the shop swept from there. A sweep that runs stops and begins anew.
func (c *Cursors) Set(ctx context.Context, shop string, to time.Time, by, why string) (CursorSet, error) {
	before, err := c.Get(ctx, shop)
	if err != nil {
		return CursorSet{}, err
	}
	set := CursorSet{When: time.Now().UTC().Truncate(time.Millisecond), By: by, Why: why, From: before.At, To: to.UTC()}
	line, err := json.Marshal(set)
	if err != nil {
		return set, err
	}
	pipe := c.rdb.TxPipeline()
	pipe.HSet(ctx, cursorKey(shop), "at", to.UnixMilli())
	pipe.HDel(ctx, cursorKey(shop), "open")
	pipe.LPush(ctx, cursorLogKey(shop), line)
	pipe.LTrim(ctx, cursorLogKey(shop), 0, cursorLogged-1)
	// A gap that was found lies before a later cursor: whoever sets it knows better.
	pipe.HDel(ctx, stateKey(shop, JobSweep), "since")
	pipe.HSet(ctx, stateKey(shop, JobSweep), "asked", "1")
	if _, err := pipe.Exec(ctx); err != nil {
		return set, fmt.Errorf("set the cursor of %s: %w", shop, err)
	}
	return set, nil
}

// window is what one sweep looks through. token tells it from one that somebody
// began since; asked and seen go on where a run was cut off.
type window struct {
	token       string
	from, until time.Time
	begin       time.Time // from, before it was cut off
	seen, asked int
	gap         bool // somebody found one, up to when it was told
}

// openScript begins a window, or goes on with the one that was cut off. A gap that was
// found is part of it from here on. A cursor that is further ahead of the shop's clock than
// the overlap was moved there by a clock that was wrong: what changed meanwhile was not
// looked at, and the window before it is looked through again. KEYS: cursor and job.
// ARGV: the end by the shop's clock, the overlap, and where a shop begins that was never swept.
var openScript = redis.NewScript(`
local c = redis.call('HMGET', KEYS[1], 'at', 'open', 'until', 'seen', 'asked', 'gap', 'from')
local since = redis.call('HGET', KEYS[2], 'since')
local from = tonumber(ARGV[3])
if c[1] then
  from = tonumber(c[1])
  if not c[2] then
    from = from - tonumber(ARGV[2])
    if c[7] and from > tonumber(ARGV[1]) then from = math.min(from, tonumber(c[7])) end
  end
end
local wider = since and tonumber(since) < from
if wider then from = tonumber(since) end
redis.call('HDEL', KEYS[2], 'since')
local gap = 0
if since or c[6] then
  gap = 1
  redis.call('HSET', KEYS[1], 'gap', 1)
end
if c[2] and not wider then return {c[2], from, tonumber(c[3]), tonumber(c[4]), tonumber(c[5]), gap, tonumber(c[7])} end
local ends = math.max(from, tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'at', from, 'from', from, 'until', ends, 'open', ARGV[4], 'seen', 0, 'asked', 0)
return {ARGV[4], from, ends, 0, 0, gap, from}`)

// moveScript moves the cursor on within a window that is still ours; with ARGV[5] the
// window is through.
var moveScript = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'open') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'at', ARGV[2], 'seen', ARGV[3], 'asked', ARGV[4])
if ARGV[5] == '1' then redis.call('HDEL', KEYS[1], 'open', 'gap') end
return 1`)

func (c *carer) openWindow(ctx context.Context, shop, token string, until, first time.Time) (w window, err error) {
	answer, err := openScript.Run(ctx, c.rdb, []string{cursorKey(shop), stateKey(shop, JobSweep)},
		until.UnixMilli(), sweepOverlap.Milliseconds(), first.UnixMilli(), token).Slice()
	if err != nil {
		return window{}, fmt.Errorf("cursor of %s: %w", shop, err)
	}
	token, _ = answer[0].(string)
	n := make([]int64, len(answer))
	for i := range answer {
		n[i], _ = answer[i].(int64)
	}
	return window{token: token, from: time.UnixMilli(n[1]).UTC(), until: time.UnixMilli(n[2]).UTC(), begin: time.UnixMilli(n[6]).UTC(),
		seen: int(n[3]), asked: int(n[4]), gap: n[5] == 1}, nil
}

// moveCursor says that everything before at was looked at. ours is false where somebody
// set the cursor meanwhile.
func (c *carer) moveCursor(ctx context.Context, shop string, w window, at time.Time, through bool) (ours bool, err error) {
	ours, err = moveScript.Run(ctx, c.rdb, []string{cursorKey(shop)}, w.token, at.UnixMilli(), w.seen, w.asked, flag(through)).Bool()
	if err != nil {
		return false, fmt.Errorf("cursor of %s: %w", shop, err)
	}
	return ours, nil
}
