package config

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"time"

	"github.com/go-playground/validator/v10"
)

// Alerts are who is told that a person must look, and how.
type Alerts struct {
	// Repeat is how long what was told stays quiet while it still stands (4h); 0: it is
	// told once.
	Repeat time.Duration `yaml:"repeat" validate:"min=0"`
	// Gather is how long what comes together is collected into one message (1m). What
	// must be mapped is told at once, and so is what is critical.
	Gather time.Duration `yaml:"gather" validate:"min=0,max=1h"`
	// Away is how long Odoo, and Redis for a gateway, may be away before it is told (5m).
	Away    time.Duration `yaml:"away" validate:"min=1s"`
	Targets []AlertTarget `yaml:"targets" validate:"dive"`
}

// AlertTarget is one way to tell people; exactly one of Mail, Webhook and Activity is set.
type AlertTarget struct {
	Name string `yaml:"name" validate:"required,targetname"` // for people, metrics and commands
	// Severity is the least that is told here; empty: warning.
	Severity string   `yaml:"severity" validate:"omitempty,oneof=info warning critical"`
	Shops    []string `yaml:"shops" validate:"dive,required"`  // none: all, and what belongs to no shop
	Kinds    []string `yaml:"kinds" validate:"dive,alertkind"` // none: all
	// Resolved tells too that something told here is over.
	Resolved bool           `yaml:"resolved"`
	Mail     *AlertMail     `yaml:"mail"`
	Webhook  *AlertWebhook  `yaml:"webhook"`
	Activity *AlertActivity `yaml:"activity"`
}

// AlertMail sends mails through a server.
type AlertMail struct {
	Server string `yaml:"server" validate:"required,hostname_port"` // host:port
	// TLS is starttls (also where it is empty), tls or none.
	TLS      string   `yaml:"tls" validate:"omitempty,oneof=starttls tls none"`
	User     string   `yaml:"user" validate:"required_with=Password"`
	Password Secret   `yaml:"password" validate:"required_with=User"`
	From     string   `yaml:"from" validate:"required,email"`
	To       []string `yaml:"to" validate:"min=1,dive,required,email"`
}

// AlertWebhook posts signed JSON.
type AlertWebhook struct {
	// URL is a secret as a whole: many services keep their token in it.
	URL Secret `yaml:"url" validate:"required,http_url,nologin"`
	// Secret signs what is posted.
	Secret Secret `yaml:"secret" validate:"required,min=16"`
}

// AlertActivity asks a user of Odoo to look.
type AlertActivity struct {
	User string `yaml:"user" validate:"required"`      // by login
	Type string `yaml:"type"`                          // an activity type by its name; empty: Odoo's To-Do
	Days int    `yaml:"days" validate:"min=0,max=365"` // from today to its deadline
}

// The kinds of alerts.
const (
	AlertMapping     = "mapping"     // something must be mapped or made before orders can be booked
	AlertParked      = "parked"      // an order or event waits for a person for another reason
	AlertDiverged    = "diverged"    // an order was changed on both sides
	AlertFailed      = "failed"      // an order failed too often
	AlertOdooDenied  = "odoo_denied" // Odoo refuses our login or lacks a right
	AlertShopDenied  = "shop_denied" // a shop refuses our token or lacks a scope
	AlertUninstalled = "uninstalled" // a shop removed our app
	AlertOdooAway    = "odoo_away"
	AlertRedisAway   = "redis_away" // deliveries wait in a gateway's spool
	AlertRedisLost   = "redis_lost"
	AlertWebhooks    = "webhooks" // a shop's subscriptions are not as they must be
	AlertPrivacy     = "privacy"  // a request about people's data waits for a person
)

// AlertKinds lists them all.
func AlertKinds() []string {
	return []string{AlertMapping, AlertParked, AlertDiverged, AlertFailed, AlertOdooDenied, AlertShopDenied, AlertUninstalled,
		AlertOdooAway, AlertRedisAway, AlertRedisLost, AlertWebhooks, AlertPrivacy}
}

// AlertSeverities lists them from the least to the most.
func AlertSeverities() []string { return []string{"info", "warning", "critical"} }

// Wants reports whether an alert is told here; shop is "" for what belongs to none.
func (t AlertTarget) Wants(severity, kind, shop string) bool {
	least := t.Severity
	if least == "" {
		least = "warning"
	}
	all := AlertSeverities()
	return slices.Index(all, severity) >= slices.Index(all, least) &&
		(len(t.Kinds) == 0 || slices.Contains(t.Kinds, kind)) &&
		(len(t.Shops) == 0 || slices.Contains(t.Shops, shop))
}

// Way is how a target is told: mail, webhook or activity.
func (t AlertTarget) Way() string {
	switch {
	case t.Mail != nil:
		return "mail"
	case t.Webhook != nil:
		return "webhook"
	}
	return "activity"
}

var targetName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,30}$`)

func isTargetName(f validator.FieldLevel) bool { return targetName.MatchString(f.Field().String()) }
func isAlertKind(f validator.FieldLevel) bool {
	return slices.Contains(AlertKinds(), f.Field().String())
}

// wholeAlerts reports targets that do not stand for themselves, or name shops that
// are not there.
func wholeAlerts(l validator.StructLevel) {
	cfg := l.Current().Interface().(Config)
	names := map[string]bool{}
	for i, t := range cfg.Alerts.Targets {
		at := fmt.Sprintf("alerts.targets[%d].", i)
		if names[t.Name] && t.Name != "" {
			l.ReportError(t.Name, at+"name", "Name", "targeted", "")
		}
		names[t.Name] = true
		ways := 0
		for _, set := range []bool{t.Mail != nil, t.Webhook != nil, t.Activity != nil} {
			if set {
				ways++
			}
		}
		if ways != 1 {
			l.ReportError(t.Name, fmt.Sprintf("alerts.targets[%d]", i), "Targets", "one_way", "")
		}
		for n, id := range t.Shops {
			if !slices.ContainsFunc(cfg.Shops, func(s Shop) bool { return s.ID == id }) {
				l.ReportError(id, fmt.Sprintf("%sshops[%d]", at, n), "Shops", "no_shop", "")
			}
		}
		if m := t.Mail; m != nil && m.TLS == "none" && !m.Password.IsZero() {
			l.ReportError(m.TLS, at+"mail.tls", "TLS", "needs_tls", "")
		}
	}
}

// HostPort is the server of a mail in its two parts.
func (m AlertMail) HostPort() (host, port string) {
	host, port, _ = net.SplitHostPort(m.Server) // it was checked
	return host, port
}
