package tasks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/klauspost/compress/s2"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// head is the line of JSON that an event is stored as; its body follows byte for
// byte, or packed: an order's takes a third of the room then, in Redis, its file and
// the spool, and packing takes half of the time that Redis takes less.
type head struct {
	*commerce.Event
	Form string `json:"body,omitempty"` // of what follows; empty: as it was received
}

const (
	formS2 = "s2" // a block of S2
	// packedFrom is the size from which a body is packed.
	packedFrom = 1 << 10
	// roomForHead is more than the line of most events takes.
	roomForHead = 512
)

// Errors of what stands in the queue or the spool and is no event of ours.
var (
	errNoHead   = errors.New("no line break after the event's head")
	errBodySize = errors.New("the body is not packed as its head says, or too large")
)

func encodeEvent(out *bytes.Buffer, e commerce.Event) error {
	form, room := "", len(e.Body)
	if room >= packedFrom {
		form, room = formS2, s2.MaxEncodedLen(room)
	}
	out.Grow(roomForHead + room)
	line, err := appendHead(out.AvailableBuffer(), &e, form)
	if err != nil {
		return err
	}
	out.Write(append(line, '\n')) // it is where it is to be
	if form == "" {
		out.Write(e.Body)
		return nil
	}
	out.Grow(room)
	free := out.AvailableBuffer()
	out.Write(s2.Encode(free[:cap(free)], e.Body)) // so is this
	return nil
}

func decodeEvent(raw []byte) (commerce.Event, error) {
	line, body, ok := bytes.Cut(raw, []byte{'\n'})
	if !ok {
		return commerce.Event{}, errNoHead
	}
	var e commerce.Event
	h := head{Event: &e}
	if err := json.Unmarshal(line, &h); err != nil {
		return commerce.Event{}, err
	}
	switch h.Form {
	case "":
		e.Body = body
		return e, nil
	case formS2:
		if size, err := s2.DecodedLen(body); err != nil || size > mostBody {
			return commerce.Event{}, errBodySize
		}
		var err error
		e.Body, err = s2.Decode(nil, body)
		return e, err
	}
	return commerce.Event{}, fmt.Errorf("the body has a form that this version does not know: %q", h.Form)
}
