package shopify

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

const testDomain = "snowdevil.myshopify.com"

// vectors are our own recordings of good and bad signatures.
type vectors struct {
	Positive, Negative []vector
}

type vector struct {
	Name      string
	Body      []byte `json:"body_base64"`
	Secret    string
	Secrets   []string `json:"configured_secrets"`
	Signature *string  `json:"signature_header"`
	Headers   map[string]string
}

func (v vector) verifier() verifier {
	var secrets []config.Secret
	for _, s := range append(v.Secrets, v.Secret) {
		secrets = append(secrets, config.NewSecret(s))
	}
	return newVerifier(secrets)
}

func (v vector) delivery() handlers.Delivery {
	h := http.Header{}
	if v.Signature != nil {
		h.Set("X-Shopify-Hmac-Sha256", *v.Signature)
	}
	return handlers.Delivery{Header: h, Body: v.Body}
}

func loadVectors(t testing.TB) vectors {
	raw, err := os.ReadFile(filepath.Join("testdata", "signatures.json"))
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(raw, &v))
	require.NotEmpty(t, v.Positive)
	require.NotEmpty(t, v.Negative)
	return v
}

func TestVerifyVectors(t *testing.T) {
	all := loadVectors(t)
	for _, v := range all.Positive {
		t.Run("accepts "+v.Name, func(t *testing.T) {
			require.NoError(t, v.verifier().Verify(v.delivery()))
		})
	}
	for _, v := range all.Negative {
		t.Run("refuses "+v.Name, func(t *testing.T) {
			err := newVerifier([]config.Secret{config.NewSecret("hush_shopify_client_secret_0123456789abcdef")}).Verify(v.delivery())
			require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(err))
			require.NotContains(t, err.Error(), v.Secret)
		})
	}
}

func TestVerifyRefusesWithoutSecret(t *testing.T) {
	d := handlers.Delivery{Header: http.Header{"X-Shopify-Hmac-Sha256": {
		base64.StdEncoding.EncodeToString(make([]byte, 32))}}}
	require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(verifier{}.Verify(d)))
	empty := newVerifier([]config.Secret{config.NewSecret("")})
	require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(empty.Verify(d)))
}
