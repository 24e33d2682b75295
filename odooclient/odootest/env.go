package odootest

import "time"

// xid is an external id: what ir.model.data knows about one record.
type xid struct {
	model string
	id    int64
	data  int64 // the ir.model.data row's own id
	// noupdate shields the record from a load in update mode. It is set when the
	// external id is made and stays.
	noupdate bool
}

type recordKey struct {
	model string
	id    int64
}

// env is one transaction: who calls, with which context, and how to take back
// everything it changed. The server's lock is held while it lives, so
// transactions are serialised.
type env struct {
	s       *Server
	uid     int64
	su      bool            // rights and record rules do not bind it
	mine    map[string]bool // the caller's groups, once asked for
	hand    []int64         // the companies at hand, once asked for
	fresh   *record         // the record whose lines are being made with it
	hold    int             // commands under way: what they make counts as one batch
	held    []*record       // the batch so far
	loading bool            // load is creating: partners are synchronised once all are there
	context map[string]any
	now     time.Time // the start of the transaction, which write_date carries
	undo    []func()
	orders  map[int64]bool // sale orders this call touched
	stale   map[int64]bool // sale orders whose totals must be computed again
	pending []*record      // orders in the sequence they became stale
	// unbooked are invoices whose taxes and sums must be computed again; booking
	// says that this is being done.
	unbooked []*record
	booking  bool
	made     map[*record]bool
	changed  map[cell]bool // numbers with digits that this transaction wrote; made are whole records
}

func (s *Server) begin(uid int64, su bool, context map[string]any) *env {
	return &env{
		s: s, uid: uid, su: su, context: context, now: s.clock(),
		orders: map[int64]bool{}, stale: map[int64]bool{}, made: map[*record]bool{}, changed: map[cell]bool{},
	}
}

// mark is a savepoint; back returns to one.
func (e *env) mark() int { return len(e.undo) }

func (e *env) back(to int) {
	for i := len(e.undo) - 1; i >= to; i-- {
		e.undo[i]()
	}
	e.undo = e.undo[:to]
	if to == 0 {
		clear(e.orders)
	}
	clear(e.stale)
	clear(e.made)
	clear(e.changed)
	e.pending, e.unbooked, e.fresh, e.held, e.hold, e.loading = nil, nil, nil, nil, 0, false
}

func (e *env) table(name string) *table { return e.s.tables[name] }

// browse returns the record or nil.
func (e *env) browse(model string, id int64) *record {
	if t := e.s.tables[model]; t != nil {
		return t.rows[id]
	}
	return nil
}

// related follows a many2one; nil when it is empty.
func (e *env) related(r *record, name string) *record {
	f := r.m.fields[name]
	if f == nil {
		return nil
	}
	return e.browse(f.relation, r.num(name))
}

// children are the records of a one2many, ordered by id.
func (e *env) children(r *record, name string) []*record {
	f := r.m.fields[name]
	t := e.table(f.relation)
	ids := t.idx[t.m.fields[f.inverse].slot][r.id]
	out := make([]*record, 0, len(ids))
	// Messages belong to records of any model: their res_id is a plain number.
	anyModel, model := t.m.fields[f.inverse].typ == "integer", "model"
	if t.m.fields["res_model"] != nil {
		model = "res_model"
	}
	for _, id := range ids {
		other := t.rows[id]
		if anyModel && other.str(model) != r.m.name || !f.holds(other) {
			continue
		}
		out = append(out, other)
	}
	return out
}

// set changes one stored value and remembers the old one.
func (e *env) set(r *record, name string, v any) {
	f := r.m.fields[name]
	t := e.table(r.m.name)
	old := r.vals[f.slot]
	e.undo = append(e.undo, func() { t.put(r, f.slot, old) })
	t.put(r, f.slot, v)
	if f.digits != "" || f.currency != "" {
		e.changed[cell{r, f.slot}] = true
	}
}

// touch stamps a record as written now.
func (e *env) touch(r *record) {
	e.set(r, "write_date", e.now)
	e.set(r, "write_uid", e.uid)
	switch r.m.name {
	case "sale.order":
		e.orders[r.id] = true
	case "sale.order.line":
		e.orders[r.num("order_id")] = true
	}
}

func (e *env) insert(r *record) {
	t := e.table(r.m.name)
	t.insert(r)
	e.made[r] = true
	e.undo = append(e.undo, func() { t.remove(r) })
}

func (e *env) remove(r *record) {
	t := e.table(r.m.name)
	t.remove(r)
	e.undo = append(e.undo, func() { t.insert(r) })
}

func (e *env) bind(name string, model string, id int64) {
	old, had := e.s.xids[name]
	e.s.lastData++
	now := xid{model: model, id: id, data: e.s.lastData, noupdate: e.flag("noupdate")}
	if had {
		now.data, now.noupdate = old.data, old.noupdate
	}
	key := recordKey{model, id}
	names := e.s.names[key]
	e.s.xids[name] = now
	if !had {
		e.s.names[key] = append(names[:len(names):len(names)], name)
	}
	e.undo = append(e.undo, func() {
		if had {
			e.s.xids[name] = old
			return
		}
		delete(e.s.xids, name)
		e.s.names[key] = names
	})
}

// unbind forgets every external id of a record that goes away.
func (e *env) unbind(model string, id int64) {
	key := recordKey{model, id}
	names, had := e.s.names[key]
	if !had {
		return
	}
	old := make([]xid, len(names))
	for i, n := range names {
		old[i] = e.s.xids[n]
		delete(e.s.xids, n)
	}
	delete(e.s.names, key)
	e.undo = append(e.undo, func() {
		for i, n := range names {
			e.s.xids[n] = old[i]
		}
		e.s.names[key] = names
	})
}

func (e *env) flag(key string) bool { return truthy(e.context[key]) }
