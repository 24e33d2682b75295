package tasks

import (
	"encoding/json"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// appendHead appends a head as encoding/json writes it, in a seventh of the time: one is
// written for each delivery while its sender waits.
func appendHead(b []byte, e *commerce.Event, form string) ([]byte, error) {
	b = appendText(append(b, `{"id":`...), e.ID)
	b = appendText(append(b, `,"topic":`...), e.Topic)
	b = appendText(append(b, `,"hint":`...), string(e.Hint))
	b = appendRef(append(b, `,"ref":`...), e.Ref)
	b = appendRef(append(b, `,"aggregate":`...), e.Aggregate)
	var err error
	if !e.UpdatedAt.IsZero() {
		if b, err = appendTime(append(b, `,"updated_at":`...), e.UpdatedAt); err != nil {
			return nil, err
		}
	}
	if b, err = appendTime(append(b, `,"received":`...), e.Received); err != nil {
		return nil, err
	}
	if e.Nonce != "" {
		b = appendText(append(b, `,"nonce":`...), e.Nonce)
	}
	if e.Gone {
		b = append(b, `,"gone":true`...)
	}
	if e.Spooled {
		b = append(b, `,"spooled":true`...)
	}
	if e.Request != "" {
		b = appendText(append(b, `,"request":`...), e.Request)
	}
	if e.Privacy != nil {
		raw, err := json.Marshal(e.Privacy)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"privacy":`...), raw...)
	}
	if form != "" {
		b = appendText(append(b, `,"body":`...), form)
	}
	return append(b, '}'), nil
}

func appendRef(b []byte, r commerce.Ref) []byte {
	b = appendText(append(b, `{"shop":`...), r.Shop)
	b = appendText(append(b, `,"kind":`...), r.Kind)
	b = appendText(append(b, `,"id":`...), r.ID)
	return append(b, '}')
}

func appendTime(b []byte, t time.Time) ([]byte, error) {
	b, err := t.AppendText(append(b, '"'))
	return append(b, '"'), err
}

// appendText leaves to encoding/json what may have to be escaped: ids and topics hold
// none of it.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			raw, _ := json.Marshal(s) // a text never fails
			return append(b, raw...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
