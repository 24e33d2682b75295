package odootest

import (
	"strings"
)

// loading is one call of load: its columns, what it found wrong, and the lookups
// it already made.
type loading struct {
	e        *env
	m        *model
	paths    [][]string
	messages []any
	failed   bool
	batch    []loadRow
	names    map[string]bool // external ids that wait in the batch
	creates  map[string]bool // models this call may create records of
	ids      []int64
	fresh    []freshRow        // records that the present attempt made
	warn     func(text string) // reports on the cell of the record in hand
}

// loadRow is one record with its position in the caller's rows.
type loadRow struct {
	dbid int64
	xid  string
	vals map[string]any
	info map[string]any
}

// freshRow is a record that a load made, and from what.
type freshRow struct {
	r    *record
	vals map[string]any
}

// load upserts records from a table of cells. It saves everything or nothing:
// any error row gives ids false, and every error is listed.
func load(e *env, c *call) (any, error) {
	l := &loading{e: e, m: c.m, names: map[string]bool{}, creates: map[string]bool{c.m.name: true}, ids: []int64{}}
	rows, err := l.columns(c.args["fields"], c.args["data"])
	if err != nil {
		return nil, err
	}
	limit := len(rows)
	limited := false
	if n, ok := toInt(e.context["_import_limit"]); ok && e.context["_import_limit"] != nil && n >= 0 {
		limit, limited = int(n), true
	}
	mark := e.mark()
	extracted, err := l.extract(l.m, l.paths, rows, limit)
	if err != nil {
		return nil, err
	}
	for i, r := range extracted {
		if err := l.convert(i, r); err != nil {
			return nil, err
		}
	}
	l.flush()
	next := 0
	if n := len(extracted); n > 0 {
		next = extracted[n-1].to + 1
	}
	if !limited || next < limit {
		next = 0
	}
	result := map[string]any{"ids": l.ids, "messages": l.messages, "nextrow": next}
	if l.messages == nil {
		result["messages"] = []any{}
	}
	if l.failed {
		e.back(mark)
		result["ids"] = false
	}
	return result, nil
}

// save is one attempt to write rows; it takes back what it did when it fails.
func (l *loading) save(rows []loadRow) ([]int64, error) {
	mark := l.e.mark()
	ids := make([]int64, 0, len(rows))
	l.fresh = l.fresh[:0]
	for _, r := range rows {
		rec, err := l.saveOne(r)
		if err != nil {
			l.e.back(mark)
			return nil, err
		}
		ids = append(ids, rec)
	}
	if l.m.name == "res.partner" {
		l.e.loadedPartners(l.fresh)
	}
	l.e.flush()
	return ids, nil
}

func (l *loading) saveOne(r loadRow) (int64, error) {
	e := l.e
	if err := e.companies(); err != nil {
		return 0, err
	}
	target, shielded := r.dbid, false
	if r.xid != "" {
		target = 0
		if x, ok := e.s.xids[r.xid]; ok {
			if x.model != l.m.name {
				return 0, validationError("For external id %s when trying to create/update a record of model %s found record of different model %s (%d)",
					r.xid, l.m.name, x.model, x.data)
			}
			target, shielded = x.id, x.noupdate && e.context["mode"] == "update"
		}
	}
	if target != 0 {
		rec := e.browse(l.m.name, target)
		if rec == nil {
			return 0, missingError(l.m, target, e.uid)
		}
		if shielded {
			return target, nil
		}
		if err := e.allowed(l.m, "w"); err != nil {
			return 0, err
		}
		if err := e.seen(l.m, []*record{rec}, "w"); err != nil {
			return 0, err
		}
		return target, e.write(l.m, []*record{rec}, r.vals)
	}
	if err := e.allowed(l.m, "c"); err != nil {
		return 0, err
	}
	e.loading = true
	made, err := e.create(l.m, []map[string]any{r.vals})
	e.loading = false
	if err != nil {
		return 0, err
	}
	l.fresh = append(l.fresh, freshRow{made[0], r.vals})
	if r.xid != "" {
		if err := e.bindChecked(r.xid, made[0]); err != nil {
			return 0, err
		}
	}
	return made[0].id, nil
}

// bindChecked gives a record its external id under the rules of ir.model.data.
func (e *env) bindChecked(name string, r *record) error {
	if !strings.Contains(name, ".") {
		name = "__import__." + name
	}
	module, short, _ := strings.Cut(name, ".")
	if strings.Contains(short, " ") {
		f := newFault("psycopg2.errors.CheckViolation",
			"new row for relation \"ir_model_data\" violates check constraint \"ir_model_data_name_nospaces\"\nDETAIL:  Failing row contains (%d, %s, %s, %s).\n",
			e.s.lastData+1, short, module, r.m.name)
		return f
	}
	e.bind(name, r.m.name, r.id)
	return nil
}

// flush writes the batch: all at once, and when that fails one by one, so that
// every culprit is named.
func (l *loading) flush() {
	rows := l.batch
	l.batch, l.names = nil, map[string]bool{}
	if len(rows) == 0 {
		return
	}
	ids, err := l.save(rows)
	if err == nil {
		l.ids = append(l.ids, ids...)
		return
	}
	errors := 0
	for i, r := range rows {
		ids, err := l.save([]loadRow{r})
		if err == nil {
			l.ids = append(l.ids, ids...)
			continue
		}
		errors++
		l.report(r.info, err)
		if errors >= 10 && errors*10 >= i+1 {
			l.messages = append(l.messages, map[string]any{
				"type":    "warning",
				"message": "Found more than 10 errors and more than one error per 10 records, interrupted to avoid showing too many errors.",
			})
			return
		}
	}
}

func (l *loading) report(info map[string]any, err error) {
	f, ok := err.(*fault) //nolint:errorlint // the ORM returns faults unwrapped
	if !ok {
		f = newFault("builtins.Exception", "%s", err)
	}
	msg := map[string]any{"type": "error"}
	for k, v := range info {
		msg[k] = v
	}
	for k, v := range rowMessage(l.m, f) {
		msg[k] = v
	}
	l.messages = append(l.messages, msg)
	l.failed = true
}

// lose is the answer of the transaction that lost against a parallel one. load
// swallows the database's exception into one message a record.
func (s *Server) lose(name string, kwargs map[string]any, args []any) (any, FaultMode, error) {
	if name != "load" {
		return nil, None, serializationFailure()
	}
	data, _ := kwargs["data"].([]any)
	if len(args) > 1 {
		data, _ = args[1].([]any)
	}
	messages := []any{}
	for i, row := range data {
		cells, _ := row.([]any)
		if len(cells) > 0 && !truthy(cells[0]) && i > 0 { // goes on with the record above
			messages[len(messages)-1].(map[string]any)["rows"].(map[string]any)["to"] = i
			continue
		}
		messages = append(messages, map[string]any{
			"rows": map[string]any{"from": i, "to": i}, "record": len(messages), "type": "error", "message": serializeText,
		})
	}
	return map[string]any{"ids": false, "messages": messages, "nextrow": 0}, None, nil
}
