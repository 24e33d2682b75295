package config

import "time"

// Jobs are what the workers do for each shop without being told by it. A shop's own
// settings win over those of the whole file, key by key; see Parse.
type Jobs struct {
	// Sweep asks the shop for the orders that changed, whatever webhooks said (5 min).
	Sweep Job `yaml:"sweep"`
	// Webhooks looks whether the shop still sends what it should (2 min).
	Webhooks Job `yaml:"webhooks"`
	// Customers asks a shop whose accounts are followed which there are, and has those
	// looked at that changed (24 h).
	Customers Job `yaml:"customers"`
}

// Job is whether and how often one of them runs.
type Job struct {
	Enabled *bool         `yaml:"enabled"` // nil: as the whole file says, and true there
	Every   time.Duration `yaml:"every" validate:"omitempty,min=5s"`
}

// On reports whether the job runs at all.
func (j Job) On() bool { return j.Enabled == nil || *j.Enabled }

// within is j with what only the wider place says.
func (j Job) within(wide Job) Job {
	if j.Enabled == nil {
		j.Enabled = wide.Enabled
	}
	if j.Every == 0 {
		j.Every = wide.Every
	}
	return j
}

func (j Jobs) within(wide Jobs) Jobs {
	j.Sweep = j.Sweep.within(wide.Sweep)
	j.Webhooks = j.Webhooks.within(wide.Webhooks)
	j.Customers = j.Customers.within(wide.Customers)
	return j
}
