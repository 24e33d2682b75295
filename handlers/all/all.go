// Package all knows every platform. Adding one is one line in platforms.
package all

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/shopify"
	"github.com/odoogate/odoogate/handlers/woocommerce"
)

func platforms() []handlers.Platform {
	return []handlers.Platform{
		shopify.Platform(),
		woocommerce.Platform(),
	}
}

// Names lists the platforms that a shop can have.
func Names() []string {
	var names []string
	for _, p := range platforms() {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

// Open opens every shop of the configuration, by id. It connects nothing. What
// is wrong with any of them is reported together, as config.Problems where it
// has a place in the file. Shops of which one secret signs for both get
// SharedSecret.
func Open(cfg *config.Config, deps handlers.Deps) (map[string]*handlers.Shop, error) {
	deps.PublicURL = cfg.Server.PublicURL
	known := map[string]handlers.Platform{}
	for _, p := range platforms() {
		known[p.Name] = p
	}
	shops := map[string]*handlers.Shop{}
	var errs []error
	for _, shop := range cfg.Shops {
		p, ok := known[shop.Platform]
		if !ok {
			errs = append(errs, config.Problems{shop.Problem("platform", unknown(shop.Platform))})
			continue
		}
		opened, err := p.Open(shop, deps)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if _, ok := opened.Orders.(handlers.StatusSetter); !ok && shop.WriteBack.Delivered != "" {
			errs = append(errs, config.Problems{shop.Problem("write_back.delivered",
				"is nothing that orders of "+shop.Platform+" have: their status cannot be set; remove it")})
			continue
		}
		if _, ok := opened.Customers.(handlers.CustomerSetter); !ok && shop.WriteBack.Accounts != "" {
			errs = append(errs, config.Problems{shop.Problem("write_back.accounts",
				"is nothing that "+shop.Platform+" has: accounts there cannot be written; remove it")})
			continue
		}
		shops[shop.ID] = opened
	}
	if err := config.Join(errs...); err != nil {
		return nil, err
	}
	markShared(shops)
	return shops, nil
}

func unknown(name string) string {
	return fmt.Sprintf("is %q, which no shop system here is called; known are: %s", name, strings.Join(Names(), ", "))
}

// markShared finds shops of which a signature does not tell one from another.
func markShared(shops map[string]*handlers.Shop) {
	signs := map[string][]string{} // fingerprint → shops
	for _, id := range slices.Sorted(maps.Keys(shops)) {
		signers := slices.Clone(shops[id].Signers)
		slices.Sort(signers)
		for _, s := range slices.Compact(signers) {
			signs[s] = append(signs[s], id)
		}
	}
	for _, ids := range signs {
		if len(ids) < 2 {
			continue
		}
		for _, id := range ids {
			shops[id].SharedSecret = true
		}
	}
}
