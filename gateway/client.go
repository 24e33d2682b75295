package gateway

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/odoogate/odoogate/config"
)

// proxies are the networks of the proxies before us.
type proxies []netip.Prefix

// newProxies takes what the configuration has checked.
func newProxies(list []string) proxies {
	var p proxies
	for _, text := range list {
		if network, err := config.ParseNetwork(text); err == nil {
			p = append(p, network)
		}
	}
	return p
}

func (p proxies) hold(addr netip.Addr) bool {
	for _, network := range p {
		if network.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// client is the address of who really sends: the connection's, or where that is
// a trusted proxy, the last one in X-Forwarded-For that is none. Everything
// further left was written by the sender. Of version 6 it is the /64.
func (p proxies) client(c *fiber.Ctx) string {
	addr, err := netip.ParseAddr(c.Context().RemoteIP().String())
	if err != nil {
		return ""
	}
	// Some proxies add a line of their own after the sender's.
	var hops []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		hops = append(hops, strings.Split(string(line), ",")...)
	}
	for i := len(hops) - 1; i >= 0 && p.hold(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop
	}
	return household(addr.Unmap()).String()
}

// household is what one customer of a network is given: an address of version 4,
// a /64 of version 6.
func household(addr netip.Addr) netip.Addr {
	if addr.Is4() {
		return addr
	}
	if p, err := addr.WithZone("").Prefix(64); err == nil {
		return p.Addr()
	}
	return addr
}
