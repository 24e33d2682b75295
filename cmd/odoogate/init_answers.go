package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/handlers/shopify"
	"github.com/odoogate/odoogate/handlers/woocommerce"
)

//go:embed init/*.yml
var initFiles embed.FS

// answers are what init has to know of a shop and its Odoo.
type answers struct {
	Shop, Platform, PublicURL string
	Domain, ClientID, URL     string
	OdooURL, OdooDB, OdooUser string
	ShippingProduct           string
}

// question is one answer to be had, by flag or by asking.
type question struct {
	flag, help string
	platform   string // of which alone it is asked; empty: of every one
	ask        string // for people on a terminal
	path       string // the setting that it becomes; its rules hold for the answer
	optional   bool
	into       *string
}

// questions are all that there are.
func questions(a *answers) []question {
	return []question{
		{flag: "shop", path: "shops[0].id", into: &a.Shop, help: "the shop's id: 2 to 16 small letters and digits",
			ask: "A short id for the shop, which can never be renamed (fi)"},
		{flag: "domain", platform: shopify.Name, path: "shops[0].shopify.domain", into: &a.Domain, help: "Shopify: the store's permanent address (my-store.myshopify.com)",
			ask: "The store's permanent address (my-store.myshopify.com)"},
		{flag: "client-id", platform: shopify.Name, path: "shops[0].shopify.client_id", into: &a.ClientID, optional: true, help: "Shopify: the client id of the app (Dev Dashboard, Settings)",
			ask: "The app's client id (Dev Dashboard, Settings; empty: an older app that shows an access token)"},
		{flag: "url", platform: woocommerce.Name, path: "shops[0].woocommerce.url", into: &a.URL, help: "WooCommerce: the shop's address (https://shop.example.com)",
			ask: "The shop's address as WordPress has it under Settings, General (https://shop.example.com)"},
		{flag: "public-url", path: "server.public_url", into: &a.PublicURL, optional: true, help: "how the shop reaches odoogate from outside (https://hooks.example.com)",
			ask: "How the shop reaches odoogate from outside (https://hooks.example.com; empty: not known yet)"},
		{flag: "odoo-url", path: "odoo.url", into: &a.OdooURL, help: "Odoo's address (https://odoo.example.com)",
			ask: "Odoo's address (https://odoo.example.com)"},
		{flag: "odoo-db", path: "odoo.database", into: &a.OdooDB, help: "Odoo's database",
			ask: "The name of Odoo's database"},
		{flag: "odoo-user", path: "odoo.user", into: &a.OdooUser, help: "the login of odoogate's own user in Odoo",
			ask: "The login of odoogate's own user in Odoo"},
		{flag: "shipping-product", path: "shops[0].books.products.shipping", into: &a.ShippingProduct, optional: true, help: "internal reference of the service product for shipping",
			ask: "The internal reference of the service product that shipping is booked on (empty: none yet)"},
	}
}

// secret is one that the configuration refers to.
type secret struct {
	name, help string
	ours       bool // it is ours to choose: without an answer one is made
}

// secrets are the names of the variables, Redis's first.
func (o *initOptions) secrets() []secret {
	list := []secret{
		{name: "REDIS_URL", help: "redis://[user:password@]host:port/db"},
		{name: "ODOO_PASSWORD", help: "an API key of Odoo's user " + o.OdooUser + " (Preferences, Account Security), or its password"},
	}
	if o.Platform == woocommerce.Name {
		return append(list, secret{name: o.variable("KEY"), help: "WooCommerce: the consumer key of the REST API (ck_…)"},
			secret{name: o.variable("KEY_SECRET"), help: "WooCommerce: its consumer secret (cs_…)"},
			secret{name: o.variable("SECRET"), help: "what shall sign the shop's webhooks: 32 letters and digits or more", ours: true})
	}
	if o.ClientID == "" { // else one is fetched with client id and secret
		list = append(list, secret{name: o.variable("TOKEN"), help: "Shopify: the app's Admin API access token"})
	}
	return append(list, secret{name: o.variable("SECRET"), help: "Shopify: the app's client secret (API secret key)"})
}

func (o *initOptions) variable(what string) string {
	return "SHOP_" + strings.ToUpper(o.Shop) + "_" + what
}

// Secret writes a reference to one, for the templates.
func (o *initOptions) Secret(name string) string {
	if o.secretsDir == "" {
		return "{env: " + name + "}"
	}
	return "{file: " + strconv.Quote(filepath.ToSlash(o.secretFile(name))) + "}"
}

// ShopSecret writes a reference to one of the shop's own.
func (o *initOptions) ShopSecret(what string) string { return o.Secret(o.variable(what)) }

// secretFile is where one is kept, as seen from the folder of the configuration.
func (o *initOptions) secretFile(name string) string {
	path := filepath.Join(o.secretsDir, strings.ToLower(name))
	if rel, err := filepath.Rel(filepath.Dir(o.out), path); err == nil && !filepath.IsAbs(o.secretsDir) {
		return rel
	}
	return path
}

// Tomorrow is an example of a go-live date.
func (o *initOptions) Tomorrow() string { return time.Now().AddDate(0, 0, 1).Format(time.DateOnly) }

// Block is the platform's own part.
func (o *initOptions) Block() (string, error) {
	text, err := o.fromTemplate(o.Platform)
	return strings.TrimRight(string(text), "\n"), err
}

// render writes the configuration.
func (o *initOptions) render() ([]byte, error) { return o.fromTemplate("odoogate") }

func (o *initOptions) fromTemplate(name string) ([]byte, error) {
	raw, err := initFiles.ReadFile("init/" + name + ".yml")
	if err != nil {
		return nil, fmt.Errorf("init knows no configuration of %s yet; copy deploy/odoogate.example.yml", name)
	}
	t, err := template.New(name).Funcs(template.FuncMap{"yaml": strconv.Quote}).Parse(string(raw))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, o)
	return out.Bytes(), err
}

// openOnly decodes the shops' blocks and connects nothing.
func openOnly(cfg *config.Config) error {
	_, err := all.Open(cfg, handlers.Deps{})
	return err
}

// wrongAnswers names the problems of a configuration by the flags that brought
// them; with one question, only its own.
func wrongAnswers(a *answers, err error, only *question) error {
	var problems config.Problems
	if !errors.As(err, &problems) {
		return err
	}
	var lines []string
	for _, p := range problems {
		at := slices.IndexFunc(questions(a), func(q question) bool { return q.path == p.Path })
		switch {
		case only != nil && p.Path != only.path:
		case only != nil:
			lines = append(lines, p.Message)
		case at >= 0:
			lines = append(lines, "--"+questions(a)[at].flag+": "+p.Message)
		default:
			lines = append(lines, p.Path+": "+p.Message)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

// keepSecrets asks for the secrets and writes each to a file of its own.
func (o *initOptions) keepSecrets(ctx context.Context, ask *asker) error {
	if err := os.MkdirAll(o.secretsDir, 0o700); err != nil {
		return fmt.Errorf("make the folder for secrets: %w", err)
	}
	list := o.secrets()
	for _, s := range list { // before anybody types
		if err := o.free(o.secretPath(s.name)); err != nil {
			return err
		}
	}
	values := make([]string, len(list))
	for i, s := range list {
		var err error
		if values[i], err = ask.secret(ctx, s); err != nil {
			return err
		}
		if s.ours && values[i] == "" {
			values[i] = rand.Text() + rand.Text()
		}
	}
	if err := o.check(nil, values[0]); err != nil {
		return err
	}
	for i, s := range list {
		if err := o.write(o.secretPath(s.name), []byte(values[i]+"\n")); err != nil {
			return err
		}
	}
	return nil
}

func (o *initOptions) secretPath(name string) string {
	return filepath.Join(o.secretsDir, strings.ToLower(name))
}
