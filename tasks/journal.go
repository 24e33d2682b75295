package tasks

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

const (
	// seenFor outlasts the longest time over which a shop repeats a delivery.
	seenFor = 72 * time.Hour
	// doneFor is how long a finished record is remembered. Its digest tells an
	// edit in the shop from one in Odoo, so it outlives an order's active life.
	doneFor = 400 * 24 * time.Hour
)

// Record is what the journal remembers of one record: what was applied last and
// how the last run ended. Parked and failed ones never expire.
type Record struct {
	Ref      commerce.Ref
	Event    string // the id of the event handled last
	Outcome  Outcome
	Reason   string
	Detail   string
	Remedy   string
	Needs    []string
	At       time.Time
	Attempts int // failed ones in a row

	// Applied is the state that Odoo was made equal to.
	UpdatedAt time.Time
	Looked    time.Time // when the shop was asked last, whatever came of it; zero: events had it all
	Digest    string
	Progress  string // what had become of the order: payment, shipments, risk
	Released  bool   // a person let it go on, whatever its risk
	Adopted   Adoption
	Lines     string            // the digest of its lines alone
	Fields    string            // of what fills fields of the order, see erp.FieldsDigest
	Marks     map[string]string // of an account: see erp.CustomerApplied.Fields
	Tried     []string          // of an account: see erp.CustomerApplied.Tried, the latest first
	Sent      map[string]string // of a contact: see erp.PushPlan; several marks of a part stand apart by blanks
	Under     string            // of an account: the settings under which it was looked at last
	Begun     bool              // a run since then wrote something and did not end well
	OdooID    int64
	OdooName  string
	Total     string // as Odoo says it, with the currency
	Writes    int    // Odoo records written, over all runs
	Told      string // the status that the shop was given last

	// Forced names the reimport that is asked for, until a run under it ends well;
	// Reimported the one that a run ended under last, well or not.
	Forced     string
	Reimported string

	// Doubt names the run that wrote beside another one, until a run that knew of it
	// ended well; such a record is Begun.
	Doubt string
}

// Applied is what the books need to know of the runs before.
func (r Record) Applied() erp.Applied {
	return erp.Applied{Digest: r.Digest, Lines: r.Lines, Fields: r.Fields, UpdatedAt: r.UpdatedAt, OdooID: r.OdooID, Begun: r.Begun,
		Waited: r.waited(), Released: r.Released, Forced: r.Forced != ""}
}

// CustomerApplied is Applied of an account.
func (r Record) CustomerApplied() erp.CustomerApplied {
	return erp.CustomerApplied{OdooID: r.OdooID, Fields: r.Marks, Begun: r.Begun, Tried: r.Tried}
}

// waited says that the record came before and was not booked, for whatever reason
// but that it was not wanted.
func (r Record) waited() bool {
	switch r.Outcome {
	case Parked, Retry, Snooze, Failed:
		return true
	case Skipped:
		return r.Reason == "observed"
	}
	return false
}

// Journal reads what the workers wrote down.
type Journal struct{ rdb *redis.Client }

// NewJournal reads from the Redis behind rdb.
func NewJournal(rdb *redis.Client) *Journal { return &Journal{rdb: rdb} }

// Get is the record's entry; ok is false where nothing is remembered.
func (j *Journal) Get(ctx context.Context, ref commerce.Ref) (rec Record, ok bool, err error) {
	m, err := j.rdb.HGetAll(ctx, recordKey(ref)).Result()
	if err != nil {
		return Record{}, false, fmt.Errorf("journal of %s: %w", ref, err)
	}
	return readRecord(ref, m), len(m) > 0, nil
}

// Of is the entries of several records in one round trip, empty for those of which
// nothing is remembered.
func (j *Journal) Of(ctx context.Context, refs []commerce.Ref) ([]Record, error) {
	keys := make([]string, len(refs))
	for i, ref := range refs {
		keys[i] = recordKey(ref)
	}
	hashes, err := j.hashes(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("journal of %d records: %w", len(refs), err)
	}
	list := make([]Record, len(refs))
	for i, ref := range refs {
		list[i] = readRecord(ref, hashes[i])
	}
	return list, nil
}

// Parked yields the records of a shop at which a person must look, oldest first.
// The caller breaks when it has enough.
func (j *Journal) Parked(ctx context.Context, shop string) iter.Seq2[Record, error] {
	return j.listed(ctx, shop, parkedKey(shop))
}

// Waiting yields the records of a shop that are done as far as they can be and go
// on by themselves once something happens in Odoo, oldest first.
func (j *Journal) Waiting(ctx context.Context, shop string) iter.Seq2[Record, error] {
	return j.listed(ctx, shop, waitingKey(shop))
}

// Release notes that a person lets the order go on, whatever its risk. It tells
// nobody: ask for a run of the record after it.
func (j *Journal) Release(ctx context.Context, ref commerce.Ref) error {
	if err := j.rdb.HSet(ctx, recordKey(ref), "released", "1").Err(); err != nil {
		return fmt.Errorf("release %s: %w", ref, err)
	}
	return nil
}

// Adoption is an order in Odoo that somebody else made and a person said is the
// shop's; zero: none.
type Adoption struct {
	OdooID   int64
	OdooName string
	Digest   string // of the shop's order as the person saw it
}

func (a Adoption) String() string { return fmt.Sprintf("%d %s %s", a.OdooID, a.Digest, a.OdooName) }

func parseAdoption(text string) (a Adoption) {
	id, rest, _ := strings.Cut(text, " ")
	a.Digest, a.OdooName, _ = strings.Cut(rest, " ")
	a.OdooID, _ = strconv.ParseInt(id, 10, 64)
	return a
}

// Adopt notes that an order of the shop stands in Odoo as one that somebody else
// made. It tells nobody: ask for a run of the record after it.
func (j *Journal) Adopt(ctx context.Context, ref commerce.Ref, a Adoption) error {
	pipe := j.rdb.TxPipeline()
	pipe.HSet(ctx, recordKey(ref), "adopted", a.String())
	pipe.HSet(ctx, adoptedKey(ref.Shop), member(ref), a.String())
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("adopt %s: %w", ref, err)
	}
	return nil
}

// Force notes that a person wants Odoo to be made equal to the shop, whatever people
// changed in Odoo; name tells this wish from any other, see Record. It tells nobody:
// ask for a run of the record after it.
func (j *Journal) Force(ctx context.Context, ref commerce.Ref, name string) error {
	if err := j.rdb.HSet(ctx, recordKey(ref), "forced", name).Err(); err != nil {
		return fmt.Errorf("reimport %s: %w", ref, err)
	}
	return nil
}

func (j *Journal) listed(ctx context.Context, shop, list string) iter.Seq2[Record, error] {
	const page = 200
	return func(yield func(Record, error) bool) {
		for start := int64(0); ; start += page {
			members, err := j.rdb.ZRange(ctx, list, start, start+page-1).Result()
			if err != nil {
				yield(Record{}, fmt.Errorf("listed records of %s: %w", shop, err))
				return
			}
			records, err := j.records(ctx, shop, members)
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, rec := range records {
				if !yield(rec, nil) {
					return
				}
			}
			if len(members) < page {
				return
			}
		}
	}
}

// records reads several records in one round trip.
func (j *Journal) records(ctx context.Context, shop string, members []string) ([]Record, error) {
	var refs []commerce.Ref
	var keys []string
	for _, m := range members {
		if ref, err := commerce.ParseRef(shop + "/" + m); err == nil {
			refs, keys = append(refs, ref), append(keys, recordKey(ref))
		}
	}
	hashes, err := j.hashes(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("listed records of %s: %w", shop, err)
	}
	var list []Record
	for i, ref := range refs {
		if len(hashes[i]) > 0 {
			list = append(list, readRecord(ref, hashes[i]))
		}
	}
	return list, nil
}

// hashes reads several hashes in one round trip; one that has gone is empty.
func (j *Journal) hashes(ctx context.Context, keys []string) ([]map[string]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	pipe := j.rdb.Pipeline()
	reads := make([]*redis.MapStringStringCmd, len(keys))
	for i, key := range keys {
		reads[i] = pipe.HGetAll(ctx, key)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	out := make([]map[string]string, len(keys))
	for i, r := range reads {
		out[i] = r.Val()
	}
	return out, nil
}

// CountParked is how many records of the shop wait for a person.
func (j *Journal) CountParked(ctx context.Context, shop string) (int64, error) {
	return j.rdb.ZCard(ctx, parkedKey(shop)).Result()
}

// CountWaiting is the number of records that Waiting yields.
func (j *Journal) CountWaiting(ctx context.Context, shop string) (int64, error) {
	return j.rdb.ZCard(ctx, waitingKey(shop)).Result()
}

func readRecord(ref commerce.Ref, m map[string]string) Record {
	rec := Record{Ref: ref, Event: m["event"], Outcome: Outcome(m["outcome"]), Reason: m["reason"], Detail: m["detail"],
		Remedy: m["remedy"], Digest: m["digest"], Lines: m["lines"], Fields: m["fields"], Begun: m["begun"] != "",
		Progress: m["progress"], Released: m["released"] == "1", Adopted: parseAdoption(m["adopted"]), OdooName: m["odoo_name"], Total: m["total"], Forced: m["forced"], Told: m["told"], Under: m["under"]}
	var end string
	rec.Reimported, end, _ = strings.Cut(m["forced_end"], " ")
	if rec.Reimported == rec.Forced && (Outcome(end) == Done || Outcome(end) == Skipped) {
		rec.Forced = ""
	}
	if m["doubt"] != m["doubt_end"] {
		rec.Doubt, rec.Begun = m["doubt"], true
	}
	rec.At, _ = time.Parse(time.RFC3339Nano, m["at"])
	rec.UpdatedAt, _ = time.Parse(time.RFC3339Nano, m["updated"])
	rec.Looked, _ = time.Parse(time.RFC3339Nano, m["looked"])
	rec.OdooID, _ = strconv.ParseInt(m["odoo_id"], 10, 64)
	rec.Attempts, _ = strconv.Atoi(m["attempts"])
	rec.Writes, _ = strconv.Atoi(m["writes"])
	if m["needs"] != "" {
		// Unreadable needs only mean that a person has to start the run.
		_ = json.Unmarshal([]byte(m["needs"]), &rec.Needs)
	}
	if m["tried"] != "" {
		rec.Tried = strings.Fields(m["tried"])
	}
	if m["sent"] != "" {
		// Unreadable ones are as good as none: it is not known who wrote what the shop has.
		_ = json.Unmarshal([]byte(m["sent"]), &rec.Sent)
	}
	if m["marks"] != "" {
		// Unreadable marks are as good as none: nothing was brought to the contact before.
		_ = json.Unmarshal([]byte(m["marks"]), &rec.Marks)
	}
	return rec
}
