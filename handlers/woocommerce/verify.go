package woocommerce

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// signatureLength is that of 32 bytes in padded base64.
const signatureLength = 44

// verifier knows the keys that may sign: the present secret and the one before.
type verifier struct{ keys [][]byte }

// entity is what WordPress decodes in a secret (wp_specialchars_decode with ENT_QUOTES), and
// no other: by name, or by number with any zeros before it.
var entity = regexp.MustCompile(`&(?:(amp|#0*38|#[xX]0*26)|(lt|#0*60)|(gt|#0*62)|(quot|#0*34|#[xX]0*22)|#0*39|#[xX]0*27);`)

// unescaped makes of a secret the key that the shop signs with. It trims nothing.
func unescaped(secret string) string {
	return entity.ReplaceAllStringFunc(secret, func(e string) string {
		for i, name := range entity.FindStringSubmatch(e)[1:] {
			if name != "" {
				return `&<>"`[i : i+1]
			}
		}
		return "'"
	})
}

func newVerifier(secrets []config.Secret) verifier {
	var v verifier
	for _, s := range secrets {
		// An empty key would let anybody sign, so it never becomes one.
		if key := unescaped(s.Reveal()); key != "" {
			v.keys = append(v.keys, []byte(key))
		}
	}
	return v
}

// fingerprints tell equal secrets of two shops without showing them.
func (v verifier) fingerprints() []string {
	var out []string
	for _, key := range v.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("odoogate signer fingerprint"))
		out = append(out, hex.EncodeToString(mac.Sum(nil)[:8]))
	}
	return out
}

// Verify checks X-WC-Webhook-Signature over the raw body. Any of the configured
// secrets may have signed; with none configured everything is refused. Headers are
// not signed: Events looks after those. A ping is let through, which nobody signs and
// which Events ignores.
func (v verifier) Verify(d handlers.Delivery) error {
	if len(v.keys) == 0 {
		return unauthorized("no secret is configured")
	}
	if isPing(d) {
		return nil
	}
	sent := d.Header.Get("X-WC-Webhook-Signature")
	if len(sent) != signatureLength {
		return unauthorized("the signature is missing or has the wrong length")
	}
	got, err := base64.StdEncoding.Strict().DecodeString(sent)
	if err != nil || len(got) != sha256.Size {
		return unauthorized("the signature is not base64 of 32 bytes")
	}
	for _, key := range v.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write(d.Body)
		if hmac.Equal(mac.Sum(nil), got) {
			return nil
		}
	}
	return unauthorized("no configured secret gives this signature")
}

// isPing knows the form post by which a shop asks whether an address answers, when
// a webhook is made and until one was answered 200: webhook_id=<digits> and none of the
// headers of a delivery.
func isPing(d handlers.Delivery) bool {
	id, found := bytes.CutPrefix(d.Body, []byte(pingField))
	if !found || len(id) > 20 || !isDigits(string(id)) {
		return false
	}
	kind, _, _ := strings.Cut(d.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return false
	}
	for _, name := range []string{"Signature", "Topic", "Resource", "Event", "ID", "Delivery-ID", "Source"} {
		if d.Header.Get("X-WC-Webhook-"+name) != "" {
			return false
		}
	}
	return true
}

const pingField = "webhook_id="

func unauthorized(detail string) error {
	return &commerce.Error{Op: "woocommerce.verify", Reason: commerce.Unauthorized, Detail: detail}
}
