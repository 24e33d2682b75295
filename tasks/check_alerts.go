package tasks

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// CheckAlerts says whether the targets of alerts can be told: that a mail server takes
// the login, and that a webhook is posted to over TLS. It sends nothing.
func CheckAlerts(ctx context.Context, cfg config.Alerts) []commerce.Finding {
	f := &commerce.Findings{Part: "alerts"}
	for _, t := range cfg.Targets {
		switch {
		case t.Mail != nil:
			if err := newMailer(*t.Mail).reach(ctx); err != nil {
				v := verdict(err, 1)
				f.Problem(cmp.Or(v.Remedy, "see that server and tls of the target are right and that this machine reaches it"), "target %s: %s", t.Name, v.Detail)
				continue
			}
			f.OK("target %s: the mail server takes us", t.Name)
		case t.Webhook != nil && bare(t.Webhook.URL.Reveal()):
			f.Warn("use https://", "target %s: alerts are posted in the clear", t.Name)
		default:
			f.OK("target %s is well formed", t.Name)
			f.List[len(f.List)-1].Remedy = "odoogate alerts test " + t.Name + " sends a message to it"
		}
	}
	return f.List
}

// bare reports whether an address is reached over a network without TLS.
func bare(address string) bool {
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Scheme, "http") {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback() && !ip.IsPrivate())
}
