package woocommercetest

import (
	"net/http"
)

// site is WordPress's own index, which it shows to everybody.
func (s *Store) site(w http.ResponseWriter) {
	_, offset := s.now().In(s.opts.Zone).Zone()
	reply(w, http.StatusOK, object{"name": "Demo", "description": "", "url": s.opts.Home, "home": s.opts.Home, "gmt_offset": float64(offset) / 3600,
		"timezone_string": s.opts.Zone.String(), "namespaces": []string{"oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wp/v2"}, "authentication": object{}, "routes": object{}})
}

// index names what the API can.
func (s *Store) index(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, object{"namespace": "wc/v3", "routes": object{"/wc/v3/orders": object{}, "/wc/v3/webhooks": object{}}})
}

func (s *Store) systemStatus(w http.ResponseWriter, r *http.Request) {
	wordpress := "7.0.4"
	if s.opts.Old {
		wordpress = "6.1.9"
	}
	answer(w, r, http.StatusOK, object{
		"environment": object{"home_url": s.opts.Home, "site_url": s.opts.Home, "version": s.version(), "wp_version": wordpress, "wp_multisite": false},
		"settings": object{"currency": s.opts.Currency, "currency_symbol": symbol(s.opts.Currency), "number_of_decimals": 2,
			"HPOS_enabled": !s.opts.Old, "api_enabled": true},
	})
}

// settings are the few that matter to orders, by group.
func (s *Store) settings() map[string][]object {
	yesNo := func(id string, on bool) object {
		value := "no"
		if on {
			value = "yes"
		}
		return object{"id": id, "value": value, "default": "no", "type": "select"}
	}
	return map[string][]object{
		"general": {
			{"id": "woocommerce_currency", "value": s.opts.Currency, "default": "USD", "type": "select"},
			{"id": "woocommerce_price_num_decimals", "value": "2", "default": "2", "type": "number"},
			yesNo("woocommerce_calc_taxes", true),
		},
		"tax": {
			yesNo("woocommerce_prices_include_tax", !s.opts.TaxOnTop),
			yesNo("woocommerce_tax_round_at_subtotal", s.opts.RoundAtSubtotal),
		},
	}
}

func (s *Store) listSettings(w http.ResponseWriter, r *http.Request) {
	group, ok := s.settings()[r.PathValue("group")]
	if !ok {
		fails(w, failure("rest_setting_setting_group_invalid", "Invalid setting group.", http.StatusNotFound))
		return
	}
	reply(w, http.StatusOK, group)
}

func (s *Store) readSetting(w http.ResponseWriter, r *http.Request) {
	for _, one := range s.settings()[r.PathValue("group")] {
		if one["id"] == r.PathValue("id") {
			answer(w, r, http.StatusOK, one)
			return
		}
	}
	fails(w, failure("rest_setting_setting_invalid", "Invalid setting.", http.StatusNotFound))
}

func (s *Store) listTaxes(w http.ResponseWriter, r *http.Request) {
	p, bad := pageOf(r)
	if bad != nil {
		fails(w, bad)
		return
	}
	var records []object
	for _, rate := range []TaxRate{standardRate(), reducedRate()} {
		class := "standard"
		if rate.ID == reducedRate().ID {
			class = "reduced-rate"
		}
		records = append(records, object{"id": rate.ID, "country": "FI", "state": "", "rate": rate.Percent.StringFixed(4), "name": rate.Label,
			"priority": 1, "compound": rate.Compound, "shipping": true, "order": rate.ID, "class": class})
	}
	s.tellPage(w, r, p, records)
}
