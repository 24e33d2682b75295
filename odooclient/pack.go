package odooclient

import (
	"encoding/json"
	"fmt"
	"strings"
)

// packed is one record's rows, ready to be sent between those of others.
type packed struct {
	rows []json.RawMessage
	// idempotent: record and sub-records carry external ids, so that loading them
	// twice gives the same as once.
	idempotent bool
	// id is the record's external id, or "" where the columns have none.
	id string
}

func (p packed) record() string { return p.id }

// pack checks and encodes the rows of one record. What it refuses would hurt not
// only this record: rows that Odoo takes for another's shift every answer.
func pack(s Shape, rows [][]any) (packed, error) {
	refuse := func(format string, args ...any) (packed, error) {
		return packed{}, &Fault{Kind: BadArgs, Model: s.Model, Method: "load", Message: fmt.Sprintf(format, args...)}
	}
	if len(rows) == 0 {
		return refuse("no rows")
	}
	cols := columnsOf(s.Fields)
	p := packed{idempotent: cols.id >= 0}
	for i, row := range rows {
		if len(row) != len(s.Fields) {
			return refuse("row %d has %d values for %d columns", i, len(row), len(s.Fields))
		}
		row = plain(row)
		header, sub := cols.filled(row)
		switch {
		case i == 0 && header == "":
			return refuse("the first row has no header value")
		case i > 0 && header != "":
			return refuse("row %d follows a header and may not fill column %s", i, header)
		case i > 0 && !sub:
			return refuse("row %d is empty", i)
		}
		p.idempotent = p.idempotent && cols.identified(row, i == 0)
		if i == 0 && cols.id >= 0 {
			p.id = fmt.Sprint(row[cols.id])
		}
		raw, err := json.Marshal(row)
		if err != nil {
			return refuse("row %d has a value that cannot be sent as JSON", i)
		}
		p.rows = append(p.rows, raw)
	}
	return p, nil
}

// columns tells the record's own columns from those of its sub-records.
type columns struct {
	names []string
	owner []string       // per column the one2many it belongs to; "" for the record's own
	id    int            // the column "id", or -1
	subID map[string]int // one2many → its column "<name>/id"
}

// columnsOf takes a field for a one2many when one of its columns goes deeper than
// "/id" or "/.id", which relations to existing records have too.
func columnsOf(names []string) columns {
	c := columns{names: names, owner: make([]string, len(names)), id: -1, subID: map[string]int{}}
	many := map[string]bool{}
	for _, name := range names {
		if field, rest, deep := strings.Cut(name, "/"); deep && rest != "id" && rest != ".id" {
			many[field] = true
		}
	}
	for i, name := range names {
		field, rest, _ := strings.Cut(name, "/")
		switch {
		case name == "id":
			c.id = i
		case many[field]:
			c.owner[i] = field
			if rest == "id" {
				c.subID[field] = i
			}
		}
	}
	return c
}

// filled names the first header column with a value and says whether a
// sub-record's column has one.
func (c columns) filled(row []any) (header string, sub bool) {
	for i, v := range row {
		switch {
		case empty(v):
		case c.owner[i] != "":
			sub = true
		case header == "":
			header = c.names[i]
		}
	}
	return header, sub
}

// identified reports whether everything in the row has an external id.
func (c columns) identified(row []any, first bool) bool {
	if first && empty(row[c.id]) {
		return false
	}
	for i, v := range row {
		if c.owner[i] == "" || empty(v) {
			continue
		}
		if id, ok := c.subID[c.owner[i]]; !ok || empty(row[id]) {
			return false
		}
	}
	return true
}

// plain writes bools the way load reads them.
func plain(row []any) []any {
	out := make([]any, len(row))
	for i, v := range row {
		switch v {
		case true:
			v = "1"
		case false:
			v = "0"
		}
		out[i] = v
	}
	return out
}

// empty is what Odoo takes for no value when it looks for follow-up rows.
func empty(v any) bool {
	switch v {
	case nil, "", 0, int64(0), 0.0, false:
		return true
	}
	return false
}
