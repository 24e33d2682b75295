package shopify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/handlers/wire"
)

// FuzzVerifyFlipped: a body of which one bit was changed on the way never verifies,
// nor does a signature.
func FuzzVerifyFlipped(f *testing.F) {
	for _, v := range loadVectors(f).Positive {
		f.Add(v.Body, v.Secret, uint(0))
		f.Add(v.Body, v.Secret, uint(len(v.Body)*8-1))
	}
	f.Fuzz(func(t *testing.T, body []byte, secret string, bit uint) {
		if secret == "" || len(body) == 0 {
			return
		}
		v := newVerifier([]config.Secret{config.NewSecret("the one before"), config.NewSecret(secret)})
		sent := shopifytest.Signature(secret, body)
		signed := func(body []byte, signature string) error {
			return v.Verify(handlers.Delivery{Body: body, Header: http.Header{"X-Shopify-Hmac-Sha256": {signature}}})
		}
		require.NoError(t, signed(body, sent))
		changed := slices.Clone(body)
		changed[bit/8%uint(len(body))] ^= 1 << (bit % 8)
		require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(signed(changed, sent)))
		forged := []byte(sent)
		forged[bit/8%uint(len(forged))] ^= 1 << (bit % 8)
		require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(signed(body, string(forged))))
		require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(signed(body[1:], sent)))
	})
}

// FuzzHeaders: of the headers, which nobody signs, only the store's own name, a known
// topic and a short plain id become part of an event.
func FuzzHeaders(f *testing.F) {
	raw, err := os.ReadFile(filepath.Join("testdata", "topics.txt"))
	require.NoError(f, err)
	for _, topic := range strings.Fields(string(raw)) {
		f.Add(testDomain, topic, "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043")
	}
	f.Add("SNOWDEVIL.myshopify.com", "orders/create", "a/b")
	f.Add("other.myshopify.com", "orders/create\n", strings.Repeat("x", 129))
	known := topics()
	f.Fuzz(func(t *testing.T, domain, topic, id string) {
		d := deliver("", `{"id":1,"admin_graphql_api_id":"gid://shopify/Order/1"}`)
		h := d.Header.(http.Header)
		h["X-Shopify-Shop-Domain"], h["X-Shopify-Topic"], h["X-Shopify-Webhook-Id"] = []string{domain}, []string{topic}, []string{id}
		events, err := testReceiver().Events(d)
		if err != nil {
			require.NotContains(t, []commerce.Reason{commerce.Internal, ""}, commerce.ReasonOf(err))
			if len(id) > 3 { // shorter ones are in any sentence
				require.NotContains(t, strings.ReplaceAll(err.Error(), "X-Shopify-Webhook-Id", ""), id)
			}
			return
		}
		require.True(t, strings.EqualFold(domain, testDomain))
		require.Contains(t, known, topic)
		for _, e := range events {
			require.LessOrEqual(t, len(e.TaskID()), 300)
			require.False(t, strings.ContainsFunc(e.TaskID(), func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || r > unicode.MaxASCII }), e.TaskID())
		}
	})
}

// FuzzAnswer: whatever the store answers to the question for an order, there is an
// order or an error with a reason, which quotes none of its values.
func FuzzAnswer(f *testing.F) {
	store := shopifytest.New(shopifytest.Options{Bucket: 1e6, Restore: 1e6})
	for _, id := range store.Generate(1, shopifytest.Scenarios) {
		f.Add(answerTo(f, store, id))
	}
	for _, odd := range []string{``, `null`, `[]`, `{}`, `{"data":null}`, `{"data":{"order":{}}}`, `{"errors":[{}]}`,
		`{"errors":[{"message":"x","path":["order",1,null],"extensions":{"code":"ACCESS_DENIED"}}]}`,
		`{"extensions":{"cost":{"requestedQueryCost":1e400,"throttleStatus":{"restoreRate":1e-300,"currentlyAvailable":-1e300}}}}`} {
		f.Add([]byte(odd))
	}
	c := newClient("fi", Settings{Domain: testDomain}, handlers.Deps{})
	q := newQueries("shop", false, false).order
	f.Fuzz(func(t *testing.T, raw []byte) {
		var env envelope
		if err := json.Unmarshal(raw, &env); err != nil {
			require.NotEmpty(t, wire.PlainJSON(err).Error())
			return
		}
		if pause := c.observe(q, "", &env); pause < 100*time.Millisecond {
			t.Fatalf("a pause of %s", pause)
		}
		if len(env.Errors) > 0 {
			err := env.fault("shopify.order", commerce.Ref{})
			require.NotEmpty(t, commerce.ReasonOf(err))
			return
		}
		if env.Data == nil || env.Data.Order == nil {
			return
		}
		for _, presentment := range []bool{true, false} {
			rec, err := env.Data.Order.record(presentment)
			if err != nil {
				continue
			}
			o, again := rec.order("fi", "https://example.com"), rec.order("fi", "https://example.com")
			require.Equal(t, o.Digest(), again.Digest())
			require.Equal(t, []string{o.LinesDigest(), o.Progress()}, []string{again.LinesDigest(), again.Progress()})
		}
	})
}

// FuzzAmount: an amount is a plain decimal that reads back as it is written, and
// never takes more memory than its text.
func FuzzAmount(f *testing.F) {
	for _, text := range []string{`"404.95"`, `404.95`, `null`, `""`, `"1e9"`, `1E400`, `"-0.00"`, `"12345678901234567890123456789012"`, `"+1"`, `".5"`, `"5."`, `"0x10"`, `"1_000"`, `"NaN"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) {
			return
		}
		var a amount
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			require.Equal(t, "an amount is not a plain decimal number", err.Error())
			return
		}
		require.Equal(t, strings.TrimSpace(text) != "null", a.valid)
		require.LessOrEqual(t, len(a.String()), 2*maxAmountText)
		var b amount
		require.NoError(t, json.Unmarshal([]byte(fmt.Sprintf("%q", a.StringFixed(max(0, -a.Exponent())))), &b))
		require.True(t, a.Equal(b.Decimal))
	})
}

// FuzzIdent: an id is kept exact, digit by digit, or refused.
func FuzzIdent(f *testing.F) {
	for _, text := range []string{`5001`, `"5001"`, `"gid://shopify/Order/9007199254740993?x=y"`, `18446744073709551615`, `1.5`, `-1`, `1e3`, `0`, `""`, `null`, `"gid://"`, `"٣"`, `{}`, `[1]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var id ident
		if json.Unmarshal([]byte(text), &id) != nil || id == "" {
			return
		}
		require.True(t, isDigits(string(id)))
		require.Contains(t, text, string(id))
		var again ident
		require.NoError(t, json.Unmarshal([]byte(gidJSON(id)), &again))
		require.Equal(t, id, again)
	})
}

func gidJSON(id ident) string { return fmt.Sprintf("%q", gid("Order", string(id))) }
