package odooclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Shape is what loads must have in common to share a call.
type Shape struct {
	Model   string
	Fields  []string // the columns, for example "id", "partner_id/id", "order_line/id"
	Context map[string]any
}

// RowError is one bad record of a load. Its record was not saved.
type RowError struct {
	Model   string
	Field   string // the column's field; "" when the record as a whole is refused
	Message string

	missing bool
}

func (e *RowError) Error() string {
	if e.Field == "" {
		return "odoo: " + e.Model + ".load: " + e.Message
	}
	return "odoo: " + e.Model + ".load: field " + e.Field + ": " + e.Message
}

// MissingXID reports whether the row failed because a relation's external id is unknown.
func (e *RowError) MissingXID() bool {
	return e.missing || strings.Contains(e.Message, missingXID)
}

const missingXID = "No matching record found for external id"

// Load upserts one record by model.load: the first row is its header, rows after
// it carry only sub-records and leave the header's columns empty. Go bools are
// sent as "1" and "0" (a JSON bool crashes Odoo 17); nil and "" clear a field.
//
// A bad row fails only its own caller, with a *RowError: load names the culprits
// of a call, the rest is sent again. What lost against a concurrent transaction
// is repeated within cfg.Timeout. Other errors are a *Fault or ctx's.
func (c *Client) Load(ctx context.Context, s Shape, rows [][]any) (id int64, err error) {
	in, err := pack(s, rows)
	if err != nil {
		return 0, err
	}
	key, err := shapeKey(s.Model, "load", s.Fields, s.Context)
	if err != nil {
		return 0, err
	}
	return c.loads.join(ctx, key, c.loader(s), in, len(rows))
}

// loader sends one load for all members.
func (c *Client) loader(s Shape) sender[packed, int64] {
	return func(ctx context.Context, members []*member[packed, int64]) error {
		twice := true
		var data []json.RawMessage
		for _, m := range members {
			data = append(data, m.in.rows...)
			twice = twice && m.in.idempotent
		}
		req := Request{Model: s.Model, Method: "load", Args: map[string]any{"fields": s.Fields, "data": data}, Context: s.Context}
		raw, err := c.send(ctx, req, twice)
		if err != nil {
			return err
		}
		var got loaded
		if err := decode(raw, &got, req); err != nil {
			return err
		}
		if got.IDs == nil {
			return c.blame(s, members, got.Messages)
		}
		if len(got.IDs) != len(members) {
			return &Fault{Kind: BadAnswer, Model: s.Model, Method: "load", Status: http.StatusOK,
				Message: fmt.Sprintf("Odoo saw %d records where %d were sent", len(got.IDs), len(members))}
		}
		for i, m := range members {
			m.answer(got.IDs[i])
		}
		return nil
	}
}

// loaded is what load returns. When a row is bad nothing is saved and ids is false.
type loaded struct {
	IDs      recordIDs `json:"ids"`
	Messages []message `json:"messages"`
}

// recordIDs is a list of ids, nil for Odoo's false.
type recordIDs []int64

func (r *recordIDs) UnmarshalJSON(data []byte) error {
	if string(data) == "false" || string(data) == "null" {
		*r = nil
		return nil
	}
	list := []int64{}
	err := json.Unmarshal(data, &list)
	*r = list
	return err
}

// message is one complaint of load. Record counts records, not rows; a bad
// sub-row is laid to its record.
type message struct {
	Type     string          `json:"type"`
	Record   *int            `json:"record"`
	Field    any             `json:"field"`
	Message  string          `json:"message"`
	MoreInfo json.RawMessage `json:"moreinfo"`
}

// missingXID recognises the search for an external id by the table it was made
// in, for the text comes in the user's language. Odoo names that table for a
// database id too: then the columns tell that no external id was sent.
func (m message) missingXID(columns []string) bool {
	if strings.Contains(m.Message, missingXID) {
		return true
	}
	var info struct {
		Model string `json:"res_model"`
	}
	if json.Unmarshal(m.MoreInfo, &info) != nil || info.Model != "ir.model.data" {
		return false
	}
	field, _ := m.Field.(string)
	_, many := columnsOf(columns).subID[field] // then "<field>/id" is the sub-record's own
	return slices.ContainsFunc(columns, func(name string) bool {
		rest, ok := strings.CutPrefix(name, field+"/")
		return ok && (rest == "id" && !many || strings.HasSuffix(rest, "/id"))
	})
}

// blame fails the members whose records load names; the others go again. A
// transaction that lost a race names innocent records, so it is repeated whole.
func (c *Client) blame(s Shape, members []*member[packed, int64], messages []message) error {
	culprits := map[int]*RowError{}
	general := "load refused the records and named none"
	for _, m := range messages {
		if transient(m.Message) {
			return &Fault{Kind: Serialization, Model: s.Model, Method: "load", Status: http.StatusOK, Message: firstLine(m.Message)}
		}
		if m.Type == "warning" {
			continue
		}
		text := c.scrub(firstLine(m.Message))
		if m.Record == nil || *m.Record < 0 || *m.Record >= len(members) {
			general = text
			continue
		}
		// A record may be named twice, "missing required" following from the
		// reference that was not found: the reference is the reason.
		if e := culprits[*m.Record]; e == nil || m.missingXID(s.Fields) && !e.missing {
			field, _ := m.Field.(string)
			culprits[*m.Record] = &RowError{Model: s.Model, Field: c.scrub(field), Message: text, missing: m.missingXID(s.Fields)}
		}
	}
	if len(culprits) == 0 {
		return &Fault{Kind: Other, Model: s.Model, Method: "load", Status: http.StatusOK, Message: general}
	}
	for i, e := range culprits {
		members[i].fail(e)
	}
	return nil
}
