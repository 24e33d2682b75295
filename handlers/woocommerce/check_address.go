package woocommerce

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

const sayPublic = "give odoogate a public name at port 443 and begin server.public_url with it; or let the shop's filters http_request_host_is_external and http_allowed_safe_ports allow this address"

// refused says why WordPress posts nothing to our address, as it is set up by itself;
// "" where it does. It takes such an address for a webhook all the same, and each
// delivery fails unseen. The shop's own host is no stranger to it, and neither is this
// machine to a shop that runs on it for tests.
// https://developer.wordpress.org/reference/functions/wp_http_validate_url/
func (c checker) refused() string {
	u, err := url.Parse(c.hook)
	shop, shopErr := url.Parse(c.set.URL)
	asked, askedErr := url.Parse(c.set.base())
	if err != nil || shopErr != nil || askedErr != nil || isLoopback(u.Hostname()) && isLoopback(asked.Hostname()) {
		return ""
	}
	own := strings.EqualFold(u.Hostname(), shop.Hostname())
	switch {
	case u.User != nil:
		return "WordPress posts to no address with a user in it"
	case !slices.Contains([]string{"", "80", "443", "8080"}, u.Port()) && (!own || u.Port() != shop.Port()):
		return fmt.Sprintf("WordPress posts only to the ports 80, 443 and 8080, and not to %s", u.Port())
	case !own && strings.Contains(u.Hostname(), ":"):
		return "WordPress posts to no IPv6 address without a name"
	case !own && isPrivate(u.Hostname()):
		return fmt.Sprintf("WordPress posts to no private or loopback address such as %s", u.Hostname())
	}
	return ""
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// isPrivate reports whether an address is one of those that WordPress takes for local;
// the last two only new ones do.
func isPrivate(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return strings.EqualFold(host, "localhost")
	}
	ip = ip.Unmap()
	for _, block := range []string{"127.0.0.0/8", "10.0.0.0/8", "0.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"} {
		if netip.MustParsePrefix(block).Contains(ip) {
			return true
		}
	}
	return !ip.Is4()
}

// lookupTime bounds the question for our own address.
const lookupTime = 2 * time.Second

// address explains why WordPress would post nothing to ours.
func (c checker) address(ctx context.Context, f *commerce.Findings) {
	u, err := url.Parse(c.hook)
	if c.hook == "" || err != nil {
		return
	}
	if why := c.refused(); why != "" {
		f.Problem(sayPublic, "no delivery will come to %s: %s", c.hook, why)
		return
	}
	if isLoopback(u.Hostname()) {
		f.OK("deliveries come to this machine itself, which a shop's WordPress refuses unless its filters allow it: this is for tests")
		return
	}
	short, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	found, err := c.lookup(short, u.Hostname())
	if err != nil || len(found) == 0 {
		return // this machine may know no names
	}
	for _, at := range found {
		if !isPrivate(at.IP.String()) {
			return
		}
	}
	f.Warn(sayPublic, "%s is %s as this machine sees it; if the shop sees it so too, WordPress posts nothing there", u.Hostname(), found[0].IP)
}
