package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// signatureLength is that of 32 bytes in padded base64.
const signatureLength = 44

// verifier knows the secrets that may sign. Shopify may sign with the previous
// one for an hour after a rotation, hence several.
type verifier struct{ keys [][]byte }

func newVerifier(secrets []config.Secret) verifier {
	var v verifier
	for _, s := range secrets {
		// An empty key would let anybody sign, so it never becomes one.
		if key := s.Reveal(); key != "" {
			v.keys = append(v.keys, []byte(key))
		}
	}
	return v
}

// Verify checks X-Shopify-Hmac-Sha256 over the raw body. Any of the configured
// secrets may have signed; with none configured everything is refused. Headers
// are not signed: Events looks after those.
func (v verifier) Verify(d handlers.Delivery) error {
	if len(v.keys) == 0 {
		return unauthorized("no secret is configured")
	}
	sent := d.Header.Get("X-Shopify-Hmac-Sha256")
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

func unauthorized(detail string) error {
	return &commerce.Error{Op: "shopify.verify", Reason: commerce.Unauthorized, Detail: detail}
}
