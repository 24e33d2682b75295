package tasks

import "time"

// EventView is an entry of the journal as commands and API print it.
type EventView struct {
	ID        string     `json:"event"`
	State     Outcome    `json:"state"`
	Reason    string     `json:"reason,omitempty"`
	Topic     string     `json:"topic"`
	Record    string     `json:"record"`
	Aggregate string     `json:"aggregate"`
	Number    string     `json:"order,omitempty"`
	Delivery  string     `json:"delivery"`
	Nonce     string     `json:"nonce,omitempty"`
	Request   string     `json:"request,omitempty"`
	Received  time.Time  `json:"received"`
	At        time.Time  `json:"at"`
	Runs      int        `json:"runs"`
	Repeats   int        `json:"repeats"`
	Bytes     int        `json:"bytes"`
	By        string     `json:"by,omitempty"`
	Again     string     `json:"again,omitempty"`
	Closed    string     `json:"closed,omitempty"`
	Detail    string     `json:"detail,omitempty"`
	Remedy    string     `json:"remedy,omitempty"`
	Steps     []StepView `json:"steps"`
}

// StepView is a step as it is printed.
type StepView struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
	Why  string    `json:"why,omitempty"`
}

// View is the entry as it is printed.
func (e Entry) View() EventView {
	v := EventView{ID: e.ID, State: e.State, Reason: e.Reason, Topic: e.Topic, Record: member(e.Ref), Aggregate: member(e.Aggregate),
		Number: e.Number, Delivery: e.Event, Nonce: e.Nonce, Request: e.Request, Received: e.Received, At: e.At, Runs: e.Runs, Repeats: e.Repeats, Bytes: e.Size,
		By: e.By, Again: e.Again, Closed: e.Closed, Detail: e.Detail, Remedy: e.Remedy}
	for _, step := range e.Steps {
		v.Steps = append(v.Steps, StepView(step))
	}
	return v
}
