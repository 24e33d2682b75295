package tasks

import (
	"fmt"
	"slices"

	"github.com/odoogate/odoogate/tasks/erp"
)

// keep tells an order that differs, with what repairs it.
func (w *proving) keep(a OrderApart) {
	if len(w.proof.Apart) >= w.Most {
		w.proof.More++
		return
	}
	a.Repair, a.Commands = w.repair(a)
	if len(a.Differences) > mostRepeated {
		a.Differences = slices.Clone(a.Differences[:mostRepeated])
	}
	w.proof.Apart = append(w.proof.Apart, a)
}

// repair is the strongest repair that an order needs, and how it is asked for. What
// only a person can mend goes first; a run then finds it.
func (w *proving) repair(a OrderApart) (erp.Repair, []string) {
	by := erp.ByPerson
	for _, d := range a.Differences {
		switch {
		case d.Repair == erp.ByReimport || d.Repair == erp.ByRun && by != erp.ByReimport:
			by = d.Repair
		case d.Repair == erp.ByNobody && a.Journal != nil:
			by = erp.ByRun // a rule keeps it out by now, and a run notes that
		}
	}
	shop := w.Shop.ID
	switch {
	case a.ID == "":
		return erp.ByPerson, nil
	case !w.Shop.Config.Live():
		return erp.ByPerson, []string{fmt.Sprintf("odoogate explain %s %s", shop, a.ID)}
	case by == erp.ByReimport:
		return by, []string{fmt.Sprintf("odoogate order reimport %s %s --yes --wait", shop, a.ID)}
	case by == erp.ByRun:
		commands := []string{fmt.Sprintf("odoogate pull orders --shop %s --ids %s --wait", shop, a.ID)}
		if a.Journal != nil && a.Journal.Outcome != Done {
			commands = append(commands, fmt.Sprintf("odoogate events ls %s --record order/%s", shop, a.ID))
		}
		return by, commands
	}
	return by, []string{fmt.Sprintf("odoogate order show %s %s", shop, a.ID)}
}

func lastRun(rec Record) *LastRun {
	if rec.Outcome == "" {
		return nil
	}
	return &LastRun{Outcome: rec.Outcome, Reason: rec.Reason, Remedy: rec.Remedy, At: rec.At}
}

// bits remembers ids.
type bits []uint64

func (b *bits) set(id int64) {
	for int64(len(*b)) <= id/64 {
		*b = append(*b, 0)
	}
	(*b)[id/64] |= 1 << (id % 64)
}

func (b bits) has(id int64) bool { return id/64 < int64(len(b)) && b[id/64]&(1<<(id%64)) != 0 }
