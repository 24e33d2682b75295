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
// further left was written by the sender.
func (p proxies) client(c *fiber.Ctx) string {
	addr, err := netip.ParseAddr(c.Context().RemoteIP().String())
	if err != nil {
		return ""
	}
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && p.hold(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop
	}
	return addr.Unmap().String()
}
