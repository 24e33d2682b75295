package erp

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/odooclient"
)

const (
	masterTTL = 5 * time.Minute
	// masterYoung is the age below which master data is not read again because
	// something was missing in it: many orders may miss the same thing.
	masterYoung = 10 * time.Second
)

// cache holds the master data. One caller reads it while the others wait for it.
type cache struct {
	odoo odoo
	now  func() time.Time
	log  *slog.Logger
	turn chan struct{}

	mu   sync.Mutex
	data *master
	read time.Time
}

// get is the master data, read again when it is too old.
func (c *cache) get(ctx context.Context) (*master, error) {
	if m := c.fresh(); m != nil {
		return m, nil
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.turn }()
	if m := c.fresh(); m != nil {
		return m, nil
	}
	m, err := readMaster(ctx, c.odoo)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.data, c.read = m, c.now()
	c.mu.Unlock()
	c.log.Debug("master data read", "taxes", len(m.Taxes), "pricelists", len(m.Pricelists), "companies", len(m.Companies))
	return m, nil
}

func (c *cache) fresh() *master {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.data != nil && c.now().Sub(c.read) < masterTTL {
		return c.data
	}
	return nil
}

func (c *cache) young() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.data != nil && c.now().Sub(c.read) < masterYoung
}

func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.data = nil
}

// forgetThis forgets m, unless somebody has read newer data already.
func (c *cache) forgetThis(m *master) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.data == m {
		c.data = nil
	}
}

// readMaster reads all master data, the parts at once.
func readMaster(ctx context.Context, c odoo) (*master, error) {
	m := &master{Currencies: map[string]currency{}, Countries: map[string]int64{}, States: map[string]int64{}}
	var companies, currencies, lists, taxes, shares, countries, states []odooclient.Row
	var err error
	if m.Names, err = readNames(ctx, c); err != nil {
		return nil, err
	}
	fiscal, err := c.Fields(ctx, "res.company")
	if err != nil {
		return nil, err
	}
	fiscalCountry := fiscal.First("account_fiscal_country_id", "country_id")
	all, inner := errgroup.WithContext(ctx)
	read := func(into *[]odooclient.Row, model string, domain []any, fields ...string) {
		all.Go(func() error {
			return c.Call(inner, odooclient.Request{Model: model, Method: "search_read",
				Args: map[string]any{"domain": domain, "fields": fields}}, into)
		})
	}
	companyFields := []string{"name", "currency_id", fiscalCountry}
	if method := fiscal.First(roundingMethod); method != "" {
		companyFields = append(companyFields, method)
	}
	for _, lock := range lockFields() {
		if fiscal.First(lock) != "" {
			companyFields = append(companyFields, lock)
		}
	}
	read(&companies, "res.company", []any{}, companyFields...)
	read(&currencies, "res.currency", []any{}, "name", "rounding")
	read(&lists, "product.pricelist", []any{}, "name", "currency_id", "company_id")
	m.readTaxes(inner, c, all, &taxes, &shares)
	read(&countries, "res.country", []any{}, "code")
	read(&states, "res.country.state", []any{}, "code", "country_id")
	m.named(inner, c, all)
	all.Go(func() (err error) {
		m.Digits, err = readDigits(inner, c)
		return err
	})
	all.Go(func() (err error) {
		m.ProductFields, err = readProductFields(inner, c)
		return err
	})
	order, partner := map[string]column{}, map[string]column{}
	for model, into := range map[string]*map[string]column{orderModel: &order, partnerModel: &partner} {
		all.Go(func() (err error) {
			*into, err = readColumns(inner, c, model)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	m.Columns = map[string]map[string]column{orderModel: order, partnerModel: partner}
	m.places(countries, states)
	m.money(companies, currencies, lists, fiscalCountry)
	m.levies(taxes, shares)
	v, err := c.Version(ctx)
	if err != nil {
		return nil, err
	}
	m.Version = v.Major
	return m, m.own(ctx, c)
}

func (m *master) places(countries, states []odooclient.Row) {
	codes := map[int64]string{}
	for _, r := range countries {
		codes[r.ID()] = r.Str("code")
		m.Countries[r.Str("code")] = r.ID()
	}
	for _, r := range states {
		country, _ := r.Ref("country_id")
		m.States[codes[country]+"/"+r.Str("code")] = r.ID()
	}
}

func (m *master) money(companies, currencies, lists []odooclient.Row, fiscalCountry string) {
	codes := map[int64]string{}
	for code, id := range m.Countries {
		codes[id] = code
	}
	named := map[int64]string{}
	for _, r := range currencies {
		named[r.ID()] = r.Str("name")
		m.Currencies[r.Str("name")] = currency{ID: r.ID(), Code: r.Str("name"), Rounding: step(r.Dec("rounding"))}
	}
	for _, r := range companies {
		money, _ := r.Ref("currency_id")
		country, _ := r.Ref(fiscalCountry)
		m.Companies = append(m.Companies, company{ID: r.ID(), Name: r.Str("name"), Currency: named[money], Country: codes[country],
			Global: r.Str(roundingMethod) == "round_globally", Locked: locked(r)})
	}
	for _, r := range lists {
		money, _ := r.Ref("currency_id")
		owner, _ := r.Ref("company_id")
		m.Pricelists = append(m.Pricelists, pricelist{ID: r.ID(), Name: r.Str("name"), Currency: named[money], Company: owner})
	}
}

// lockFields are the days up to which a company's books are closed, in 17 and 19.
func lockFields() []string {
	return []string{"fiscalyear_lock_date", "period_lock_date", "tax_lock_date", "sale_lock_date", "hard_lock_date"}
}

// locked is the last of a company's lock dates.
func locked(r odooclient.Row) time.Time {
	var last time.Time
	for _, f := range lockFields() {
		if day := r.Time(f); day.After(last) {
			last = day
		}
	}
	return last
}

// roundingMethod is the company's field that says how taxes are rounded.
const roundingMethod = "tax_calculation_rounding_method"

// step is a currency's rounding without the noise of floats and trailing zeros.
func step(d decimal.Decimal) decimal.Decimal {
	if clean, err := decimal.NewFromString(d.Round(6).String()); err == nil && clean.IsPositive() {
		return clean
	}
	return decimal.New(1, -2)
}

// readDigits learns how many decimals Odoo keeps. The fields tell it to everyone,
// the table of precisions only to administrators.
func readDigits(ctx context.Context, c odoo) (digits, error) {
	var fields map[string]struct {
		Digits json.RawMessage `json:"digits"`
	}
	err := c.Call(ctx, odooclient.Request{Model: "sale.order.line", Method: "fields_get", Args: map[string]any{
		"allfields":  []string{"price_unit", "discount", "product_uom_qty"},
		"attributes": []string{"digits"},
	}}, &fields)
	of := func(name string) int32 {
		var d []int32
		if json.Unmarshal(fields[name].Digits, &d) == nil && len(d) == 2 {
			return d[1]
		}
		// false where Odoo rounds nothing (newer 19), absent where nobody has set a
		// precision: two decimals stand in both.
		return 2
	}
	return digits{Price: of("price_unit"), Discount: of("discount"), Quantity: of("product_uom_qty")}, err
}

// own finds the company of our user: the only one it sees, else the one that Odoo
// would put on a new order. Where Odoo does not tell, a shop must name its company.
func (m *master) own(ctx context.Context, c odoo) error {
	if len(m.Companies) == 1 {
		m.Own = m.Companies[0].ID
		return nil
	}
	for _, argument := range []string{"fields_list", "fields"} { // 17 and 19 name it differently
		var defaults odooclient.Row
		err := c.Call(ctx, odooclient.Request{Model: "sale.order", Method: "default_get",
			Args: map[string]any{argument: []string{"company_id"}}}, &defaults)
		switch odooclient.KindOf(err) {
		case odooclient.BadArgs, odooclient.NoMethod, odooclient.AccessError:
			continue
		}
		m.Own = defaults.Int("company_id")
		return err
	}
	return nil
}
