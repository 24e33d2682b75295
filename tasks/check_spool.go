package tasks

import (
	"errors"
	"fmt"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/spool"
)

// CheckSpool says whether a gateway of this user could keep deliveries in its
// spool's place, and how much room there is. It makes nothing.
func CheckSpool(cfg config.Spool) []commerce.Finding {
	f := &commerce.Findings{Part: "spool"}
	dir, free, err := spool.Place(cfg.Path)
	room := free - int64(cfg.MinFree)
	switch {
	case err != nil:
		f.Problem("let the gateway's user write there, or name another place as spool.path", "deliveries cannot be kept while Redis is away: %s", err)
	case room <= 0:
		f.Problem("make room on that disk, or lower spool.min_free", "%s has %s free, and %s are left to others (spool.min_free)", dir, size(free), size(int64(cfg.MinFree)))
	case room < int64(cfg.MaxSize):
		f.Warn("make room on that disk, or lower spool.max_size", "%s has room for %s, less than spool.max_size (%s)", dir, size(room), size(int64(cfg.MaxSize)))
	default:
		f.OK("%s can be written and has room for %s", dir, size(int64(cfg.MaxSize)))
	}
	return f.List
}

// CheckState says whether a worker of this user could keep its state file, and read the
// one that is there. It makes nothing.
func CheckState(path string) []commerce.Finding {
	f := &commerce.Findings{Part: "state"}
	dir, _, err := spool.Place(path)
	_, unread := readKept(path)
	switch {
	case err != nil:
		f.Problem("let the worker's user write there, or name another place as worker.state",
			"what people bound and adopted cannot be kept for the day on which Redis loses it: %s", err)
	case unread != nil:
		f.Problem("mend it, or remove it if nothing was bound or adopted", "the state file cannot be read: %s", errors.Unwrap(unread))
	default:
		f.OK("%s can be written", dir)
	}
	return f.List
}

func size(bytes int64) string {
	if bytes >= 1<<30 {
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}
