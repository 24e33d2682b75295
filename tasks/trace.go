package tasks

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Trace is all that is known of one event, from its delivery to what stands in Odoo.
type Trace struct {
	Shop     string       `json:"shop"`
	Event    EventView    `json:"event"`
	Timeline []Moment     `json:"timeline"`
	Record   *RecordView  `json:"record,omitempty"`    // of what was worked on, as its last run left it
	Others   []EventView  `json:"others,omitempty"`    // of that record, those that came last first
	Odoo     []Document   `json:"odoo,omitempty"`      // what came of the record
	OdooAway string       `json:"odoo_away,omitempty"` // why Odoo could not tell
	Next     string       `json:"next"`                // what happens, or is to be done
	Commands []string     `json:"commands,omitempty"`  // that a person may want now
	subject  commerce.Ref // what was worked on
	number   string       // of the order
	entry    Entry
}

// Moment is one line of a timeline.
type Moment struct {
	At    time.Time `json:"at,omitzero"`
	What  string    `json:"what"`
	Says  string    `json:"says,omitempty"`
	Event string    `json:"event,omitempty"` // another that it names
}

// RecordView is what the journal remembers of a record, for people.
type RecordView struct {
	Record  string    `json:"record"`
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Odoo    string    `json:"odoo,omitempty"` // its order in Odoo, or the id of its contact
	Total   string    `json:"total,omitempty"`
	Writes  int       `json:"writes"`
	Needs   []string  `json:"needs,omitempty"`
}

// Document is something in Odoo by its name there.
type Document struct {
	Kind  string `json:"kind"` // order, delivery, return, invoice, credit note, payment, contact
	Name  string `json:"name"`
	State string `json:"state"`
}

// mostOthers bounds the events of a record that a trace names.
const mostOthers = 20

// Trace finds an event in any shop and tells its way. text is the event's own name, the
// id of its task, or the sender's id of the delivery (X-Shopify-Webhook-Id). An Odoo
// that does not answer is part of the trace.
func (o *Operator) Trace(ctx context.Context, text string) (*Trace, error) {
	e, err := o.find(ctx, text)
	if err != nil {
		return nil, err
	}
	t := &Trace{Shop: e.Ref.Shop, Event: e.View(), subject: e.Aggregate, number: e.Number, entry: e}
	if order, err := commerce.ParseRef(e.Detail); e.Reason == "found" && err == nil {
		t.subject = order
	}
	if t.Timeline, err = o.timeline(ctx, e); err != nil {
		return nil, err
	}
	rec, known, err := o.journal.Get(ctx, t.subject)
	if err != nil {
		return nil, err
	}
	if known {
		t.Record = &RecordView{Record: member(t.subject), Outcome: rec.Outcome, Reason: rec.Reason, At: rec.At, Odoo: rec.OdooName,
			Total: rec.Total, Writes: rec.Writes}
		for _, need := range rec.Needs {
			t.Record.Needs = append(t.Record.Needs, named(need))
		}
	}
	for other, err := range o.journal.Events(ctx, Query{Shop: t.Shop, Ref: t.subject}) {
		if err != nil {
			return nil, err
		}
		if t.number == "" {
			t.number = other.Number
		}
		if other.ID != e.ID {
			t.Others = append(t.Others, other.View())
		}
		if len(t.Others) == mostOthers {
			break
		}
	}
	o.documents(ctx, t)
	return t, o.next(ctx, t)
}

// timeline is the event's own life, and what other events did with it.
func (o *Operator) timeline(ctx context.Context, e Entry) ([]Moment, error) {
	came := fmt.Sprintf("%s of %s, delivery %s", e.Topic, e.Ref, e.Event)
	if e.Nonce != "" {
		came = fmt.Sprintf("asked for (%s), nonce %s", e.Topic, e.Nonce)
	} else if e.Size > 0 {
		came += ", " + commerce.Count(e.Size, "byte")
	}
	if e.Request != "" {
		came += ", request " + e.Request
	}
	into := "into Redis"
	if e.Spooled {
		into = "into the gateway's spool, and from there into Redis"
	}
	line := []Moment{{At: e.Received, What: "received", Says: came}, {At: e.Received, What: "accepted", Says: into}}
	run := 0
	for _, s := range e.Steps[1:] {
		m := Moment{At: s.At, What: s.What, Says: s.Why}
		switch s.What {
		case "taken":
			run++
			m.Says = fmt.Sprintf("by a worker, run %d", run)
		case "read":
			m.Says = "from the shop or its payload"
			if e.Number != "" {
				m.Says += ", order " + e.Number
			}
		case "planned":
			m.Says = "what would make Odoo equal"
		case "written":
			m.Says = "to Odoo"
		case "verified":
			m.Says = "read back, equal to the cent"
		case string(Discarded):
			m.Says = "closed by " + e.Closed
		case "…":
			m = Moment{What: "…", Says: "the middle of a long life is forgotten"}
		}
		line = append(line, m)
	}
	for _, other := range []struct{ id, what, says string }{
		{e.By, map[bool]string{true: "done by", false: "followed by"}[e.State == Coalesced], "another run was at the record"},
		{e.Again, "run again as", "an operator asked for it"},
	} {
		if other.id == "" || other.id == line[len(line)-1].Event { // its run went through: that was said
			continue
		}
		by, known, err := o.journal.Event(ctx, e.Ref.Shop, other.id)
		if err != nil {
			return nil, err
		}
		m := Moment{What: other.what, Event: other.id, Says: other.says}
		if known {
			m.At, m.Says = by.At, fmt.Sprintf("%s, %s", by.Topic, outcomeText(by))
		}
		line = append(line, m)
	}
	return line, nil
}

func outcomeText(e Entry) string {
	if e.Reason == "" {
		return string(e.State)
	}
	return string(e.State) + " (" + e.Reason + ")"
}

// documents asks Odoo what came of the order. An account's contact is known.
func (o *Operator) documents(ctx context.Context, t *Trace) {
	if t.subject.Kind == commerce.KindCustomer && t.Record != nil && t.Record.Odoo != "" {
		t.Odoo = []Document{{Kind: "contact", Name: t.Record.Odoo}}
	}
	shop := o.shops[t.Shop]
	if o.odoo == nil || shop == nil || t.subject.Kind != commerce.KindOrder {
		return
	}
	story, err := o.odoo.Story(ctx, shop.Config, t.subject, t.number)
	if err != nil {
		t.OdooAway = err.Error()
		return
	}
	t.Odoo = documentsOf(story)
}

func documentsOf(s erp.Story) (list []Document) {
	add := func(kind, name, state string) {
		if name == "" || name == "/" {
			name = "a draft"
		}
		list = append(list, Document{kind, name, state})
	}
	if s.Order != nil {
		add("order", s.Order.Name, s.Order.State)
	}
	for _, d := range s.Transfers {
		add(map[bool]string{true: "return", false: "delivery"}[d.Kind == "incoming"], d.Name, d.State)
	}
	for _, i := range s.Invoices {
		state := i.State
		if i.State == "posted" {
			state += ", " + strings.ReplaceAll(i.Paid, "_", " ")
		}
		add(map[bool]string{true: "credit note", false: "invoice"}[i.Type == "out_refund"], i.Name, state)
	}
	for _, p := range s.Payments {
		add("payment", p.Name, p.State)
	}
	return list
}

// next says what comes now.
func (o *Operator) next(ctx context.Context, t *Trace) error {
	e, shop := t.entry, t.Shop
	switch e.State {
	case Working:
		t.Next = "a worker is at it"
	case Retry, Snooze:
		pause, paused, err := o.pauses.Get(ctx, shop)
		if err != nil {
			return err
		}
		t.Next = "it runs again by itself" + o.when(e)
		if paused {
			t.Next = "it waits, for " + shop + " is paused since " + pause.Since.Format(time.DateTime) + " (" + pause.Why + ")"
			t.Commands = []string{"odoogate shop resume " + shop}
		}
	case Parked, Failed:
		t.Next = e.Remedy
		if t.Next == "" {
			t.Next = "a person must look at what was found"
		}
		if t.Record != nil && len(t.Record.Needs) > 0 && !strings.Contains(t.Next, "runs again by itself") {
			t.Next += "; it runs again by itself once there is " + strings.Join(t.Record.Needs, ", ")
		}
		t.Commands = []string{"odoogate events run " + shop + " " + e.ID, "odoogate events discard " + shop + " " + e.ID + " --why …"}
		if o.runnable(e) != nil {
			t.Commands = nil
		}
	case Coalesced, Superseded:
		t.Next = "nothing comes of this one any more"
		if e.By != "" {
			t.Next += ": see event " + e.By
			t.Commands = []string{"odoogate trace " + e.By}
		}
	default:
		t.Next = "nothing: it is over"
		if e.State == Skipped && e.Reason == "observed" {
			t.Next = "nothing is written while " + shop + " only observes"
		} else if t.Record != nil && t.Record.Outcome == Done && len(t.Record.Needs) > 0 {
			t.Next = "its " + t.subject.Kind + " goes on by itself once there is " + strings.Join(t.Record.Needs, ", ") + " in Odoo"
		}
	}
	return nil
}

// when says when the event's task runs again, as far as the queue knows.
func (o *Operator) when(e Entry) string {
	if info := o.queued(e.again().TaskID()); info != nil && !info.NextProcessAt.IsZero() {
		return " at " + info.NextProcessAt.UTC().Format("2006-01-02 15:04:05")
	}
	return ""
}
