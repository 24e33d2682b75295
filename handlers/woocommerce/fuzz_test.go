package woocommerce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// FuzzVerifyFlipped: a body of which one bit was changed on the way never verifies,
// nor does a signature.
func FuzzVerifyFlipped(f *testing.F) {
	for _, v := range loadVectors(f).Positive {
		f.Add(v.Body, v.Secret, uint(0))
		f.Add(v.Body, v.Secret, uint(len(v.Body)*8-1))
	}
	f.Fuzz(func(t *testing.T, body []byte, secret string, bit uint) {
		key := unescaped(secret)
		if key == "" || len(body) == 0 {
			return
		}
		v := testVerifier("the one before", secret)
		sent := signature(key, body)
		signed := func(body []byte, signature string) error {
			return v.Verify(handlers.Delivery{Body: body, Header: http.Header{"X-Wc-Webhook-Signature": {signature}}})
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

// FuzzPing: without a signature only a form post with a webhook's number is taken.
func FuzzPing(f *testing.F) {
	for _, v := range loadVectors(f).Ping {
		f.Add(v.Body, v.ContentType)
	}
	f.Add([]byte("webhook_id=1"), "application/x-www-form-urlencoded; charset=UTF-8")
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		d := handlers.Delivery{Body: body, Header: http.Header{"Content-Type": {kind}}}
		if testVerifier("hush").Verify(d) != nil {
			return
		}
		require.Regexp(t, `^webhook_id=[1-9][0-9]{0,19}$`, string(body))
		_, err := testReceiver().Events(d)
		require.Equal(t, commerce.Ignored, commerce.ReasonOf(err))
	})
}

// FuzzEvents: of any body and headers comes an event that names a record by a plain
// id, or an error with a reason; never a panic.
func FuzzEvents(f *testing.F) {
	for _, topic := range []string{"order.created", "order.updated", "order.deleted", "product.deleted", "customer.updated", "customer.deleted", "coupon.restored"} {
		for _, account := range accounts(f) {
			f.Add(topic, "5", "7bd24954a13224617b4d752484fb6c9c", string(account))
		}
		for _, fix := range fixtures(f) {
			f.Add(topic, "5", "7bd24954a13224617b4d752484fb6c9c", string(fix.Order))
		}
		for _, body := range []string{`{"id":1}`, apiError, `{"order":{"id":1}}`, `{"order":{"id":{}}}`, `{"action":"x","arg":1}`, `{"id":7,"parent_id":5,"refunded_by":1}`,
			`{"id":1,"status":"checkout-draft"}`, `{"id":0}`, `{"id":""}`, `{"id":"x"}`, `null`, `[]`, ``, `{"id":1,"date_modified_gmt":"yesterday"}`, `{"id":1,"status":["x"]}`} {
			f.Add(topic, "5", "x", body)
		}
	}
	f.Fuzz(func(t *testing.T, topic, webhook, id, body string) {
		d := deliver("", body)
		h := d.Header.(http.Header)
		h["X-Wc-Webhook-Topic"], h["X-Wc-Webhook-Id"], h["X-Wc-Webhook-Delivery-Id"] = []string{topic}, []string{webhook}, []string{id}
		events, err := testReceiver().Events(d)
		if err != nil {
			if r := commerce.ReasonOf(err); r != commerce.Invalid && r != commerce.Ignored {
				t.Fatalf("reason %s", r)
			}
			return
		}
		for _, e := range events {
			require.Contains(t, topics(), topic)
			require.True(t, isDigits(e.Ref.ID), e.Ref.ID)
			require.True(t, json.Valid([]byte(body)))
			require.LessOrEqual(t, len(e.TaskID()), 200)
			require.False(t, strings.ContainsFunc(e.TaskID(), func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || r > unicode.MaxASCII }), e.TaskID())
		}
	})
}

// FuzzDecode: whatever stands in an order and in its refunds, there is an order, the
// same each time, or an error with a reason.
func FuzzDecode(f *testing.F) {
	for _, fix := range fixtures(f) {
		f.Add([]byte(fix.Order), []byte(fix.Refunds))
	}
	for _, raw := range samples(f) {
		f.Add(raw, append(append([]byte("["), raw...), ']'))
	}
	for _, odd := range []string{`{}`, `null`, `[]`, `{"id":1,"total":"1e999999999"}`, `{"id":1,"line_items":[{}]}`} {
		f.Add([]byte(odd), []byte(`[{"id":1,"amount":"1","line_items":[{"quantity":-1}]}]`))
	}
	f.Fuzz(func(t *testing.T, body, back []byte) {
		if _, err := testDecoder().Decode(body); err != nil {
			require.Contains(t, []commerce.Reason{commerce.Invalid, commerce.Ignored}, commerce.ReasonOf(err))
		}
		rec, err := recordOf(body)
		if err != nil {
			return
		}
		refunds, err := refundsOf(back)
		if err != nil {
			refunds = nil
		}
		o, err := testDecoder().order(rec, refunds)
		if err != nil {
			require.Contains(t, []commerce.Reason{commerce.Invalid, commerce.Ignored}, commerce.ReasonOf(err))
			return
		}
		again, err := testDecoder().order(rec, refunds)
		require.NoError(t, err)
		require.Equal(t, []string{o.Digest(), o.LinesDigest(), o.Progress()}, []string{again.Digest(), again.LinesDigest(), again.Progress()})
		for _, l := range o.Lines {
			require.False(t, l.Quantity.IsNegative())
		}
	})
}

// FuzzDecodeCustomer: whatever stands in an account, there is an account, the same each
// time, or an error with a reason.
func FuzzDecodeCustomer(f *testing.F) {
	for _, raw := range accounts(f) {
		f.Add(raw)
	}
	for _, raw := range samples(f) {
		f.Add(raw)
	}
	for _, odd := range []string{`{}`, `null`, `[]`, apiError, `{"customer":{"id":1}}`, `{"id":1,"is_paying_customer":true,"billing":{},"shipping":[]}`,
		`{"id":1,"is_paying_customer":1,"billing":{},"shipping":{},"date_created_gmt":"2026-11-20T10:15:00","meta_data":{"a":1},"role":["x"]}`} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := testCustomers().Decode(body)
		if err != nil {
			require.Nil(t, c)
			require.Contains(t, []commerce.Reason{commerce.Invalid, commerce.Ignored}, commerce.ReasonOf(err))
			return
		}
		require.True(t, isDigits(c.Ref.ID), c.Ref.ID)
		require.Equal(t, c.Ref.ID, c.ID)
		require.False(t, c.UpdatedAt.IsZero())
		again, err := testCustomers().Decode(body)
		require.NoError(t, err)
		require.Equal(t, c.Digest(), again.Digest())
		events, err := testReceiver().Events(deliver("customer.updated", string(body)))
		require.NoError(t, err, "what is an account is one at the door")
		require.Equal(t, c.Ref, events[0].Ref)
	})
}

// FuzzAmount: an amount reads back as it is written, and never takes much more memory
// than its text.
func FuzzAmount(f *testing.F) {
	for _, text := range []string{`"404.95"`, `404.95`, `84.03361344537815`, `1.0e-5`, `null`, `""`, `"1e9"`, `1E400`, `"-0.00"`, `"1e999999999"`, `"+1"`, `".5"`, `"NaN"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var a, b amount
		if !json.Valid([]byte(text)) || json.Unmarshal([]byte(text), &a) != nil || !a.valid {
			return
		}
		require.LessOrEqual(t, len(a.String()), 3*maxAmountText)
		require.NoError(t, json.Unmarshal([]byte(fmt.Sprintf("%q", a.Round(maxExponent))), &b))
		require.True(t, a.Round(maxExponent).Equal(b.Decimal), "%s %s", a, b)
	})
}
