package tasks

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// All keys of a shop carry the same hash tag, so that a script may touch them
// together. Keys without a shop belong to the whole installation.
func shopKey(shop, name string) string { return "odoogate:{" + shop + "}:" + name }

func leaseKey(r commerce.Ref) string  { return shopKey(r.Shop, "lease:"+member(r)) }
func recordKey(r commerce.Ref) string { return shopKey(r.Shop, "record:"+member(r)) }
func leasesKey(shop string) string    { return shopKey(shop, "leases") }
func parkedKey(shop string) string    { return shopKey(shop, "parked") }
func waitingKey(shop string) string   { return shopKey(shop, "waiting") }

// member names a record inside its shop.
func member(r commerce.Ref) string { return r.Kind + "/" + r.ID }

// seenKey is where a handled event is remembered for a while; a run with a
// nonce is asked for and never counts as seen.
func seenKey(e commerce.Event) string {
	if e.Nonce != "" {
		return ""
	}
	sum := sha256.Sum256([]byte(e.TaskID()))
	return shopKey(e.Ref.Shop, "seen:"+hex.EncodeToString(sum[:12]))
}

// tickKey says when a worker last saw this Redis well, and which Redis it was.
const tickKey = "odoogate:tick"

// shopsKey are all shops that were ever configured.
const shopsKey = "odoogate:shops"

// observedKey is since when the shop's orders are only observed.
func observedKey(shop string) string { return shopKey(shop, "observed since") }

func jobKey(name string) string { return "odoogate:job:" + name }
