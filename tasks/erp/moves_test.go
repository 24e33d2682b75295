package erp

import (
	"testing"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestATransferThatWasValidatedWhileItWasReadIsReadAgain(t *testing.T) {
	back := &transfer{Name: "WH/IN/1", Code: "incoming", State: "done"}
	h := standing{Moves: []move{{State: "assigned", Picking: back}}}
	if err := h.torn(); commerce.ReasonOf(err) != commerce.Conflict {
		t.Errorf("moves that are not done of a transfer that is: %v", err)
	}
	h.Moves[0].State = "done"
	h.Moves = append(h.Moves, move{State: "cancel", Picking: back})
	if err := h.torn(); err != nil {
		t.Error(err)
	}
}
