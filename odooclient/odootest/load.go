package odootest

import (
	"encoding/json"
	"slices"
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
}

// loadRow is one record with its position in the caller's rows.
type loadRow struct {
	dbid int64
	xid  string
	vals map[string]any
	info map[string]any
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

// columns splits "order_line/product_id/.id" into paths and checks the names.
func (l *loading) columns(fields, data any) ([][]any, error) {
	list, ok := fields.([]any)
	if !ok {
		return nil, typeError("'%s' object is not iterable", pyType(fields))
	}
	for _, f := range list {
		name, ok := f.(string)
		if !ok {
			return nil, typeError("expected string or bytes-like object, got '%s'", pyType(f))
		}
		// country_id:id and country_id.id are older spellings of the same
		name = strings.ReplaceAll(strings.ReplaceAll(name, ":id", "/id"), ":.id", "/.id")
		path := strings.Split(name, "/")
		if err := l.check(path); err != nil {
			return nil, err
		}
		l.paths = append(l.paths, path)
	}
	matrix, ok := data.([]any)
	if !ok {
		return nil, typeError("object of type '%s' has no len()", pyType(data))
	}
	rows := make([][]any, len(matrix))
	for i, raw := range matrix {
		row, ok := raw.([]any)
		if !ok {
			return nil, typeError("'%s' object is not subscriptable", pyType(raw))
		}
		if len(row) < len(l.paths) {
			return nil, indexError("list")
		}
		rows[i] = row
	}
	return rows, nil
}

func (l *loading) check(path []string) error {
	m := l.m
	for _, name := range path {
		if name == "id" || name == ".id" {
			return nil
		}
		f := m.fields[name]
		if f == nil {
			return keyError(name)
		}
		if f.typ != "one2many" {
			if len(path) > 0 && !f.relational() {
				return nil
			}
		} else {
			l.creates[f.relation] = true
		}
		if m = l.e.s.models[f.relation]; m == nil {
			return keyError(f.relation)
		}
	}
	return nil
}

// extracted is one record of the table: cells by field, sub-records as lists.
type extracted struct {
	order    []string // fields in column order
	cells    map[string]any
	from, to int
}

// extract groups rows into records: a row with only one2many cells continues the
// record above it.
func (l *loading) extract(m *model, paths [][]string, rows [][]any, limit int) ([]extracted, error) {
	isLines := make([]bool, len(paths))
	for i, p := range paths {
		f := m.fields[p[0]]
		isLines[i] = f != nil && f.typ == "one2many"
	}
	var out []extracted
	for i := 0; i < len(rows) && i < limit; {
		to := i + 1
		for to < len(rows) && continues(rows[to], isLines) {
			to++
		}
		r := extracted{cells: map[string]any{}, from: i, to: to - 1}
		for n, p := range paths {
			f := m.fields[p[0]]
			if f == nil || !f.relational() || p[0] == "id" || p[0] == ".id" {
				if p[0] != ".id" && f == nil {
					return nil, keyError(p[0])
				}
				r.add(p[0], rows[i][n])
				continue
			}
			if _, done := r.cells[p[0]]; done {
				continue
			}
			subs, err := l.sub(l.e.s.models[f.relation], paths, p[0], rows[i:to])
			if err != nil {
				return nil, err
			}
			r.add(p[0], subs)
		}
		out = append(out, r)
		i = to
	}
	return out, nil
}

func (r *extracted) add(name string, v any) {
	if _, again := r.cells[name]; !again {
		r.order = append(r.order, name)
	}
	r.cells[name] = v
}

func continues(row []any, isLines []bool) bool {
	lines := false
	for i, sub := range isLines {
		if !truthy(row[i]) {
			continue
		}
		if !sub {
			return false
		}
		lines = true
	}
	return lines
}

// sub extracts the sub-records of one relational field from the rows of a record.
func (l *loading) sub(m *model, paths [][]string, name string, rows [][]any) ([]extracted, error) {
	var at []int
	var inner [][]string
	for i, p := range paths {
		if p[0] != name {
			continue
		}
		at = append(at, i)
		if len(p) > 1 {
			inner = append(inner, p[1:])
		} else {
			inner = append(inner, []string{byName})
		}
	}
	var cells [][]any
	for _, row := range rows {
		cut := make([]any, len(at))
		for i, n := range at {
			cut[i] = row[n]
		}
		if slices.ContainsFunc(cut, truthy) {
			cells = append(cells, cut)
		}
	}
	if slices.ContainsFunc(inner, func(p []string) bool { return p[0] == byName }) {
		return named(inner, cells), nil
	}
	return l.extract(m, inner, cells, len(cells))
}

// byName is the path of a bare relation: the record is meant by its name.
const byName = "\x00name"

func named(inner [][]string, cells [][]any) []extracted {
	out := make([]extracted, len(cells))
	for i, row := range cells {
		out[i] = extracted{cells: map[string]any{}, from: i, to: i}
		for n, p := range inner {
			out[i].add(p[0], row[n])
		}
	}
	return out
}

// save is one attempt to write rows; it takes back what it did when it fails.
func (l *loading) save(rows []loadRow) ([]int64, error) {
	mark := l.e.mark()
	ids := make([]int64, 0, len(rows))
	for _, r := range rows {
		rec, err := l.saveOne(r)
		if err != nil {
			l.e.back(mark)
			return nil, err
		}
		ids = append(ids, rec)
	}
	l.e.flush()
	return ids, nil
}

func (l *loading) saveOne(r loadRow) (int64, error) {
	e := l.e
	target := r.dbid
	if r.xid != "" {
		target = 0
		if x, ok := e.s.xids[r.xid]; ok {
			if x.model != l.m.name {
				return 0, validationError("For external id %s when trying to create/update a record of model %s found record of different model %s (%d)",
					r.xid, l.m.name, x.model, x.data)
			}
			target = x.id
		}
	}
	if target != 0 {
		rec := e.browse(l.m.name, target)
		if rec == nil {
			return 0, missingError(l.m, target, e.uid)
		}
		if err := e.allowed(l.m, "w"); err != nil {
			return 0, err
		}
		return target, e.write(l.m, []*record{rec}, r.vals)
	}
	if err := e.allowed(l.m, "c"); err != nil {
		return 0, err
	}
	made, err := e.create(l.m, []map[string]any{r.vals})
	if err != nil {
		return 0, err
	}
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
	var messages []any
	for i, row := range data {
		cells, _ := row.([]any)
		if len(cells) > 0 && !truthy(cells[0]) && i > 0 {
			continue
		}
		messages = append(messages, map[string]any{
			"rows": map[string]any{"from": i, "to": i}, "record": len(messages), "type": "error", "message": serializeText,
		})
	}
	return map[string]any{"ids": false, "messages": messages, "nextrow": json.Number("0")}, None, nil
}
