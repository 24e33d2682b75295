package odootest

import (
	"strings"
)

// one finds the record of a many2one cell.
func (l *loading) one(f *field, subs []extracted) (any, error) {
	how, err := referenceBy(subs[0])
	if err != nil {
		return nil, err
	}
	return l.lookup(f, how, subs[0].cells[how])
}

// many finds the records of a many2many cell: references with commas between.
func (l *loading) many(f *field, subs []extracted) (any, error) {
	how, err := referenceBy(subs[0])
	if err != nil {
		return nil, err
	}
	ids := []any{}
	text, ok := subs[0].cells[how].(string)
	if !ok {
		return nil, attributeError("'%s' object has no attribute 'split'", pyType(subs[0].cells[how]))
	}
	for _, part := range strings.Split(text, ",") {
		id, err := l.lookup(f, how, part)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return []any{[]any{int64(6), int64(0), ids}}, nil
}

// referenceBy is the one column that names a related record.
func referenceBy(sub extracted) (string, error) {
	for _, n := range sub.order {
		if n != "id" && n != ".id" && n != byName {
			return "", &cellError{text: "Can not create Many-To-One records indirectly, import the field separately", bare: true}
		}
	}
	if len(sub.order) != 1 {
		return "", &cellError{text: "Ambiguous specification for field '" + fieldMark + "', only provide one of name, external id or database id", bare: true}
	}
	return sub.order[0], nil
}

// lines turns sub-records into commands: known ones are updated, new ones made.
func (l *loading) lines(f *field, subs []extracted) (any, error) {
	m := l.e.s.models[f.relation]
	if len(subs) == 1 && len(subs[0].order) == 1 {
		how := subs[0].order[0]
		if text, ok := subs[0].cells[how].(string); ok && (how == "id" || how == ".id" || how == byName) {
			subs = nil
			for _, part := range strings.Split(text, ",") {
				subs = append(subs, extracted{order: []string{how}, cells: map[string]any{how: part}})
			}
		}
	}
	commands := []any{}
	for _, sub := range subs {
		vals, err := l.values(m, sub, func(*field) {}, func(inner *field, e *cellError) *cellError {
			return &cellError{text: strings.ReplaceAll(e.text, fieldMark, fieldMark+"/"+inner.label), info: e.info, bare: e.bare}
		})
		if err != nil {
			return nil, err
		}
		id, err := l.lineID(f, sub, vals)
		if err != nil {
			return nil, err
		}
		if id == 0 {
			commands = append(commands, []any{int64(0), int64(0), vals})
			continue
		}
		commands = append(commands, []any{int64(4), id, false}, []any{int64(1), id, vals})
	}
	return commands, nil
}

// lineID is the record an existing line's reference names. An unknown external
// id means a new line, which gets it.
func (l *loading) lineID(f *field, sub extracted, vals map[string]any) (int64, error) {
	ref := extracted{cells: sub.cells}
	for _, n := range sub.order {
		if n == "id" || n == ".id" || n == byName {
			ref.order = append(ref.order, n)
		}
	}
	if len(ref.order) == 0 {
		return 0, nil
	}
	how, err := referenceBy(ref)
	if err != nil {
		return 0, err
	}
	got, err := l.lookup(f, how, sub.cells[how])
	if err != nil {
		if how != "id" {
			return 0, err
		}
		if _, isCell := err.(*cellError); !isCell { //nolint:errorlint // lookup returns it unwrapped
			return 0, err
		}
		vals["id"] = toText(sub.cells["id"])
		return 0, nil
	}
	id, _ := got.(int64)
	return id, nil
}
