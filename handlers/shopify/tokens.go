package shopify

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// tokens hands out the token of one store's Admin API: the one in the settings,
// or, for an app of the Dev Dashboard, one that its client id and secret are
// exchanged for. Such a token lives for a day and is fetched again in time; it
// is kept in memory alone.
// https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
type tokens struct {
	set  Settings
	http *wire.Client
	now  func() time.Time

	turn  chan struct{} // holds one value while somebody reads or fetches
	token string
	until time.Time
}

func newTokens(set Settings, client *wire.Client) *tokens {
	return &tokens{set: set, http: client, now: time.Now, turn: make(chan struct{}, 1)}
}

// fetches reports whether the token is one that can be fetched anew.
func (t *tokens) fetches() bool { return t.set.ClientID != "" }

// get is a token that should be good. While one caller fetches it, others wait,
// for as long as their ctx allows.
func (t *tokens) get(ctx context.Context, ref commerce.Ref) (string, error) {
	if !t.fetches() {
		return t.set.AccessToken.Reveal(), nil
	}
	if err := t.lock(ctx, ref); err != nil {
		return "", err
	}
	defer t.unlock()
	if t.token != "" && t.now().Before(t.until) {
		return t.token, nil
	}
	token, life, err := t.fetch(ctx, ref)
	if err != nil {
		return "", err
	}
	t.token, t.until = token, t.now().Add(life-min(life/2, 10*time.Minute))
	return token, nil
}

// refused forgets a token that the store does not take; another one that was
// fetched meanwhile stays.
func (t *tokens) refused(ctx context.Context, ref commerce.Ref, token string) error {
	if err := t.lock(ctx, ref); err != nil {
		return err
	}
	defer t.unlock()
	if t.token == token {
		t.token = ""
	}
	return nil
}

func (t *tokens) lock(ctx context.Context, ref commerce.Ref) error {
	select {
	case t.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &commerce.Error{Op: "shopify.token", Reason: commerce.Unavailable, Ref: ref,
			Detail: "gave up waiting for the store's token", Err: ctx.Err()}
	}
}

func (t *tokens) unlock() { <-t.turn }

// fetch exchanges client id and secret for a token and says how long it lives.
func (t *tokens) fetch(ctx context.Context, ref commerce.Ref) (string, time.Duration, error) {
	const op = "shopify.token"
	// The first secret is the present one; those after it may only still sign.
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {t.set.ClientID},
		"client_secret": {t.set.Secrets[0].Reveal()}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.set.base()+"/admin/oauth/access_token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, &commerce.Error{Op: op, Reason: commerce.Internal, Ref: ref, Detail: "the store's address cannot be used"}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	// A second token besides the first does no harm.
	resp, err := t.http.Do(wire.Repeatable(req))
	if err != nil {
		return "", 0, wire.At(op, ref, err)
	}
	if resp.StatusCode != http.StatusOK {
		// Why it was refused stands in the body: JSON or a page, with one known word.
		raw, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // cut off: the status says enough
		return "", 0, exchangeRefused(refused(wire.ReadError(op, ref, resp)), string(raw))
	}
	defer func() { _ = resp.Body.Close() }() // read to its end below
	var got struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Token == "" || got.Seconds <= 0 {
		return "", 0, &commerce.Error{Op: op, Reason: commerce.Unavailable, Ref: ref, Detail: "the store's answer holds no token"}
	}
	return got.Token, time.Duration(got.Seconds) * time.Second, nil
}

// exchangeRefused says what a refused exchange means for whoever set it up.
func exchangeRefused(err *commerce.Error, body string) error {
	if err.Reason != commerce.Invalid && err.Reason != commerce.Denied {
		return err
	}
	err.Reason = commerce.Denied
	switch {
	case strings.Contains(body, "shop_not_permitted"):
		err.Detail = "the store gives this app no token (shop_not_permitted)"
		err.Remedy = "app and store must belong to the same organization in Shopify; make the app in the store's own Dev Dashboard"
	case strings.Contains(body, "app_not_installed"):
		err.Detail = "the app is not installed in the store"
		err.Remedy = "install the app from its page in the Dev Dashboard"
	default:
		err.Detail = "the store does not take client id and secret for a token: " + err.Detail
		err.Remedy = "check shopify.client_id, and that the first of shopify.secrets is the app's present client secret"
	}
	return err
}
