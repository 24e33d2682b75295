package woocommerce

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// What a person should do, where several failures want the same.
const (
	sayAddress = "check woocommerce.url of the shop; where it is right, choose anything but Plain under Settings, Permalinks in WordPress, " +
		"and see that WooCommerce is active and no plugin closes the REST API"
	sayFirewall = "have the host's firewall or the security plugin let this machine ask /wp-json/wc/v3/"
	sayKeys     = "check woocommerce.consumer_key and consumer_secret: a key with the permission Read/Write stands in WooCommerce under Settings, Advanced, REST API"
)

// refusal is an error as WordPress writes it.
type refusal struct {
	ID   json.RawMessage `json:"id"` // a record has one
	Code string          `json:"code"`
	Data json.RawMessage `json:"data"`
}

// refusalOf is the error that a body holds; one without a code is none.
func refusalOf(raw []byte) refusal {
	var r refusal
	if !bytes.HasPrefix(raw, []byte("{")) || json.Unmarshal(raw, &r) != nil || r.ID != nil {
		return refusal{}
	}
	return r
}

// status is the one that the body tells, or the answer's where that is one of a failure.
func (r refusal) status(answer int) int {
	if answer/100 != 2 {
		return answer
	}
	var data struct {
		Status int `json:"status"`
	}
	if json.Unmarshal(r.Data, &data) != nil { // some errors have a bare number
		_ = json.Unmarshal(r.Data, &data.Status) // and others nothing
	}
	if data.Status < 300 {
		return http.StatusBadRequest
	}
	return data.Status
}

// fault is why an answer is not what was asked for; nil where it may be. Nothing of it
// is quoted but the code.
func (k call) fault(resp *http.Response, raw []byte) error {
	bare := &http.Response{StatusCode: resp.StatusCode, Header: resp.Header, Body: http.NoBody}
	html := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
	if html || bytes.HasPrefix(raw, []byte("<")) {
		return k.page(bare, html)
	}
	if r := refusalOf(raw); r.Code != "" {
		bare.StatusCode = r.status(resp.StatusCode)
		return k.refused(bare, r.Code)
	}
	if resp.StatusCode/100 == 2 {
		return nil
	}
	e := wire.ReadError(k.op, k.ref, bare)
	switch {
	case e.Reason == commerce.NotFound:
		e.Reason, e.Remedy = commerce.Denied, sayAddress
	case e.Reason == commerce.Denied:
		e.Remedy = sayKeys + "; a firewall may refuse, too: " + sayFirewall
	case resp.StatusCode/100 == 3:
		e.Detail, e.Remedy = redirected(resp)
	}
	return e
}

// page is about an answer that is HTML: no shop wrote it, or not only the shop.
func (k call) page(bare *http.Response, html bool) error {
	e := wire.ReadError(k.op, k.ref, bare)
	e.Detail = "the shop answered HTML, not JSON (status " + strconv.Itoa(bare.StatusCode) + "): a firewall, a login or a maintenance page"
	switch {
	case bare.StatusCode/100 == 3:
		e.Detail, e.Remedy = redirected(bare)
	case bare.StatusCode/100 == 2 && !html:
		e.Reason, e.Detail = commerce.Unavailable, "the shop's answer begins with HTML in place of JSON: PHP seems to write its errors there"
		e.Remedy = "set WP_DEBUG_DISPLAY to false in wp-config.php, and read the errors in PHP's log"
	case bare.StatusCode/100 == 2:
		e.Reason, e.Remedy = commerce.Unavailable, "open "+api+" of the shop in a browser and see which page comes; "+sayFirewall
	case bare.StatusCode == http.StatusNotFound:
		e.Reason, e.Remedy = commerce.Denied, sayAddress
	case e.Reason == commerce.Unavailable, e.Reason == commerce.RateLimited:
	default:
		e.Reason, e.Remedy = commerce.Denied, sayFirewall
	}
	return e
}

// redirected says where an answer would have us go. Credentials never leave the host
// that they are for.
func redirected(resp *http.Response) (detail, remedy string) {
	detail = "the shop redirects to another address"
	if to, err := resp.Location(); err == nil && to.Host != "" {
		detail = "the shop redirects to " + to.Scheme + "://" + to.Host
	}
	return detail, "enter the address that WordPress shows under Settings, General as woocommerce.url: nothing is sent to another host than the one given"
}

// refused is about an error that WordPress or WooCommerce wrote.
func (k call) refused(bare *http.Response, code string) error {
	e := wire.ReadError(k.op, k.ref, bare)
	e.Detail = "the shop refuses: " + strconv.Itoa(bare.StatusCode) + " " + bareCode(code)
	switch {
	case code == "rest_no_route":
		e.Reason, e.Remedy = commerce.Denied, sayAddress
	case strings.HasSuffix(code, "_invalid_id"), strings.HasPrefix(code, "woocommerce_rest_invalid_") && strings.HasSuffix(code, "_id"):
		e.Reason, e.Remedy = commerce.NotFound, ""
	case code == "registration-error-email-exists":
		e.Reason, e.Detail = commerce.Exists, "an account of the shop has the e-mail address already"
	case k.op == opCreate && code == "rest_missing_callback_param":
		e.Remedy = "have WooCommerce make user names and passwords of new accounts (Settings, Accounts & Privacy), or make the account there by hand"
	case k.op == opCreate && strings.HasPrefix(code, "registration-error"):
		e.Remedy = "try to make the account in WooCommerce by hand to see what it has against it; where that is the e-mail address, correct it in Odoo"
	case strings.HasPrefix(code, "woocommerce_rest_authentication"):
		e.Reason = commerce.Denied
		e.Remedy = sayKeys + "; with woocommerce.auth: oauth the clocks must not be a quarter of an hour apart"
	case strings.HasPrefix(code, "woocommerce_rest_cannot") && bare.StatusCode == http.StatusForbidden:
		e.Remedy = "give the key to a user who is an administrator or shop manager"
	case strings.HasPrefix(code, "woocommerce_rest_cannot") && bare.StatusCode == http.StatusUnauthorized:
		e.Remedy = sayKeys + "; where the key is right the host drops it (set woocommerce.auth: query), or WordPress does not know that it is asked over TLS"
	case e.Reason == commerce.Denied:
		e.Remedy = "a plugin of the shop closes the REST API; have it let the key's user in"
	case code == "rest_invalid_param":
		e.Remedy = "see that the shop has WooCommerce " + oldest + " or newer"
	}
	return e
}

// bareCode is a code that can be one, "" else: nothing more of an answer is repeated.
func bareCode(code string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789"
	if len(code) > 80 || strings.Trim(code, letters) != "" {
		return ""
	}
	return code
}

// notUnderstood is about a success that does not read as what was asked for.
func (k call) notUnderstood(raw []byte, err error) error {
	e := k.fail(commerce.Invalid, "the shop's answer cannot be understood")
	if !json.Valid(raw) {
		e.Reason = commerce.Unavailable // cut off, or a proxy's: not the shop's word
	}
	e.Err = wire.PlainJSON(err)
	return e
}

// unreached adds what to do where the connection itself failed.
func unreached(err error) error {
	var e *commerce.Error
	if !errors.As(err, &e) {
		return err
	}
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &host):
		e.Remedy = "check woocommerce.url of the shop: the certificate there is for another host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		e.Remedy = "renew the certificate of the shop, and see that the clock of this machine is right"
	case errors.As(err, &unknown):
		e.Remedy = "have the shop's web server send its certificate with the whole chain, of an authority that this machine trusts"
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		e.Remedy = "check woocommerce.url of the shop: nothing speaks TLS at that port"
	}
	return e
}
