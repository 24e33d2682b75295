package tasks

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// States of an entry beside the outcomes of its runs.
const (
	Working    Outcome = "working"    // a worker is at it, or went silent at it and is followed by another
	Superseded Outcome = "superseded" // needed a person, and a later event of its record went through
	Discarded  Outcome = "discarded"  // needed a person, who closed it for good, see Entry.Closed
)

// States lists what an entry can stand in.
func States() []Outcome { return append(Outcomes(), Working, Superseded, Discarded) }

// finished are the states after which nothing more comes of an event; only entries
// in these are ever forgotten.
var finished = []Outcome{Done, Duplicate, Skipped, Stale, Coalesced, Superseded, Discarded}

// Entry is the life of one event, as the workers wrote it down. It holds ids and
// nothing that a person gave; the body is kept apart, see Bodies.
type Entry struct {
	ID        string // names it to people and commands
	Topic     string
	Event     string // the platform's id of the delivery
	Nonce     string // set where somebody asked for the run
	Request   string // of the delivery, as the gateway answered and logged it; "": none, or older than that
	Hint      commerce.Hint
	Spooled   bool         // it waited in a gateway's spool before it came to Redis
	Ref       commerce.Ref // what the event names
	Aggregate commerce.Ref // what was worked on
	Number    string       // of the order in the shop, once it was read
	Received  time.Time
	At        time.Time // of the last change
	State     Outcome
	Reason    string
	Detail    string
	Remedy    string
	By        string // Coalesced: the event whose run does it; Superseded: the one that went through
	Again     string // the run of its record that somebody asked for last, as an event
	Closed    string // Discarded: who closed it, and why
	Runs      int
	Repeats   int // deliveries of it that came after it was done
	Size      int // bytes of the body as received
	Steps     []Step
}

// Step is one moment in the life of an event.
type Step struct {
	What string // received, taken, read, planned, written, verified, told (the shop), or an outcome
	At   time.Time
	Why  string // of an outcome: the reason
}

// stepNames are the codes under which steps are written down; a tilde stands for
// steps that were forgotten.
var stepNames = map[byte]string{
	't': "taken", 'r': "read", 'p': "planned", 'w': "written", 'v': "verified", 'o': "told",
	'D': string(Done), 'U': string(Duplicate), 'K': string(Skipped), 'S': string(Stale), 'C': string(Coalesced),
	'P': string(Parked), 'R': string(Retry), 'Z': string(Snooze), 'F': string(Failed), 'X': string(Superseded), 'B': string(Discarded), '~': "…",
}

var stepCodes = func() map[string]byte {
	codes := map[string]byte{}
	for code, name := range stepNames {
		codes[name] = code
	}
	return codes
}()

// writeSteps is steps as one text, times in milliseconds since the event was received.
func writeSteps(received time.Time, steps []Step) string {
	var b strings.Builder
	for i, s := range steps {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(stepCodes[s.What])
		b.WriteString(strconv.FormatInt(since(received, s.At), 10))
		if s.Why != "" {
			b.WriteByte(':')
			b.WriteString(strings.ReplaceAll(s.Why, " ", "+"))
		}
	}
	return b.String()
}

// since is in milliseconds; clocks may differ, and nothing happens before it came.
func since(received, at time.Time) int64 { return max(0, at.Sub(received).Milliseconds()) }

// readSteps reads what writeSteps wrote; what it does not know is left out.
func readSteps(received time.Time, text string) []Step {
	steps := []Step{{What: "received", At: received}}
	for word := range strings.FieldsSeq(text) {
		what, known := stepNames[word[0]]
		if !known {
			continue
		}
		after, why, _ := strings.Cut(word[1:], ":")
		ms, err := strconv.ParseInt(after, 10, 64)
		if err != nil && what != "…" {
			continue
		}
		steps = append(steps, Step{What: what, At: received.Add(time.Duration(ms) * time.Millisecond), Why: strings.ReplaceAll(why, "+", " ")})
	}
	return steps
}

// entryID names an event by its task's id: short enough to be typed, and the same
// wherever it is asked for.
func entryID(taskID string) string {
	sum := sha256.Sum256([]byte(taskID))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// IsEntryID says whether a text looks like the ID of an entry.
func IsEntryID(text string) bool {
	if len(text) != 16 {
		return false
	}
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < '2' || r > '7') {
			return false
		}
	}
	return true
}

func readEntry(shop, id string, m map[string]string) Entry {
	e := Entry{ID: id, Topic: m["topic"], Event: m["event"], Nonce: m["nonce"], Request: m["request"], Number: m["number"], State: Outcome(m["state"]),
		Reason: m["why"], Detail: m["detail"], Remedy: m["remedy"], By: m["by"], Hint: commerce.Hint(m["hint"]), Spooled: m["spooled"] != "", Again: m["again"], Closed: m["closed"]}
	e.Ref, _ = commerce.ParseRef(shop + "/" + m["ref"])
	e.Aggregate = e.Ref
	if of := m["of"]; of != "" {
		e.Aggregate, _ = commerce.ParseRef(shop + "/" + of)
	}
	e.Received, e.At = millis(m["received"]), millis(m["at"])
	e.Runs, _ = strconv.Atoi(m["runs"])
	e.Repeats, _ = strconv.Atoi(m["repeats"])
	e.Size, _ = strconv.Atoi(m["size"])
	e.Steps = readSteps(e.Received, m["life"])
	return e
}

// arrival is an event as it is written down when a worker touches it.
type arrival struct {
	commerce.Event
	id     string
	packed []byte // the body as it is kept; none: it is not
}

// keys are where the event is written down: its entry, its body, the events of the
// record that is worked on, and those of the record that it names if that is another.
func (a arrival) keys() []string {
	keys := []string{entryKey(a.Ref.Shop, a.id), bodyKey(a.Ref.Shop, a.id), entriesKey(a.Aggregate), ""}
	if a.Ref != a.Aggregate {
		keys[3] = entriesKey(a.Ref)
	}
	return keys
}

// fields identify the event, as pairs for HSET.
func (a arrival) fields() []any {
	f := []any{"topic", a.Topic, "ref", member(a.Ref), "event", a.ID, "received", a.Received.UnixMilli()}
	if a.Aggregate != a.Ref {
		f = append(f, "of", member(a.Aggregate))
	}
	if a.Nonce != "" {
		f = append(f, "nonce", a.Nonce)
	}
	if a.Request != "" {
		f = append(f, "request", a.Request)
	}
	if a.Hint != "" {
		f = append(f, "hint", string(a.Hint))
	}
	if a.Spooled {
		f = append(f, "spooled", "1")
	}
	if len(a.Body) > 0 {
		f = append(f, "size", len(a.Body))
	}
	return f
}

func entryKey(shop, id string) string      { return shopKey(shop, "event:"+id) }
func bodyKey(shop, id string) string       { return shopKey(shop, "body:"+id) }
func entriesKey(r commerce.Ref) string     { return shopKey(r.Shop, "events of:"+member(r)) }
func listsKey(shop string) string          { return shopKey(shop, "events:") }
func openKey(shop, what string) string     { return shopKey(shop, "open:"+what) }
func numberKey(shop, number string) string { return shopKey(shop, "number:"+plainNumber(number)) }
func ordersKey(shop, customer string) string {
	return shopKey(shop, "orders of:"+customer)
}

// plainNumber lets people write an order's number with or without its mark.
func plainNumber(number string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(number), "#"))
}
