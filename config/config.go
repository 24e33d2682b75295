// Package config is one YAML value, checked once. Load reads the file, puts the
// environment over it, resolves secrets and returns every problem together.
package config

import "time"

// Config is the whole configuration. deploy/odoogate.example.yml is its manual.
type Config struct {
	Server  Server   `yaml:"server"`
	Monitor *Monitor `yaml:"monitor"` // nil: the monitor is off
	API     API      `yaml:"api"`
	Redis   Redis    `yaml:"redis"`
	Spool   Spool    `yaml:"spool"`
	Odoo    Odoo     `yaml:"odoo"`
	Worker  Worker   `yaml:"worker"`
	Jobs    Jobs     `yaml:"jobs"`
	Journal Journal  `yaml:"journal"`
	Alerts  Alerts   `yaml:"alerts"`
	Log     Log      `yaml:"log"`
	Shops   []Shop   `yaml:"shops" validate:"min=1,dive"`
}

// Server is the HTTP side.
type Server struct {
	// Listen is host:port (127.0.0.1:8080); port 0 takes a free one.
	Listen string `yaml:"listen" validate:"required,listen"`
	// PublicURL is how the shops reach us (https://hooks.example.com); empty: it
	// is not known here. Hooks are PublicURL + /hooks/ + the shop's id.
	PublicURL string `yaml:"public_url" validate:"omitempty,http_url,nologin"`
	// BodyLimit bounds one request body, in bytes (16 MiB; at most 256 MiB, as a stored body
	// is unpacked to no more).
	BodyLimit int `yaml:"body_limit" unit:"bytes" validate:"min=1024,max=268435456"`
	// InFlight bounds the memory of all bodies on their way at once, their copies
	// among it (256 MiB); at least twelve times BodyLimit.
	InFlight int `yaml:"in_flight" unit:"bytes" validate:"min=1048576"`
	// ReadTimeout bounds the reading of one request (10 s), RequestTimeout the
	// answering (5 s).
	ReadTimeout    time.Duration `yaml:"read_timeout" validate:"min=100ms"`
	RequestTimeout time.Duration `yaml:"request_timeout" validate:"min=100ms"`
	// Drain is how long a stopping gateway still takes everything while /readyz says
	// that it stops (5 s); 0: not at all. Grace is how long a process finishes after
	// that what it has begun (20 s).
	Drain time.Duration `yaml:"drain" validate:"min=0"`
	Grace time.Duration `yaml:"grace" validate:"min=1s"`
	// TrustedProxies are the addresses and networks (CIDR) of the proxies before
	// us, whose X-Forwarded-For is believed (none).
	TrustedProxies []string `yaml:"trusted_proxies" validate:"dive,network"`
}

// Monitor is the login of /monitor.
type Monitor struct {
	User     string `yaml:"user" validate:"required"`
	Password Secret `yaml:"password" validate:"required"`
}

// API is what programs may do under /api; no tokens: it is off.
type API struct {
	Tokens []Token `yaml:"tokens" validate:"dive"`
}

// What a token may do.
const (
	MayRead    = "read"
	MayOperate = "operate" // and read
)

// Token lets one program in. Name stands in the audit of what it changes.
type Token struct {
	Name  string `yaml:"name" validate:"required,max=40"`
	Token Secret `yaml:"token" validate:"required,min=32"`
	May   string `yaml:"may" validate:"required,oneof=read operate"`
}

// Redis is where accepted deliveries and the journal live.
type Redis struct {
	URL Secret `yaml:"url" validate:"required,redisurl"` // redis://[user:password@]host:port/db
	// AcceptTimeout bounds the one round trip on the accepting path (300 ms); after it
	// the spool takes the delivery.
	AcceptTimeout time.Duration `yaml:"accept_timeout" validate:"min=10ms"`
	// PoolSize is the number of connections of one process (128).
	PoolSize int `yaml:"pool_size" validate:"min=1"`
}

// Spool is where a gateway keeps deliveries while Redis cannot take them.
type Spool struct {
	// Path is its file (/var/lib/odoogate/spool.db); no two processes share one.
	Path string `yaml:"path" validate:"required"`
	// MaxSize bounds what is in it, in bytes (1 GiB); MinFree is what it leaves free
	// on its disk (256 MiB).
	MaxSize int `yaml:"max_size" unit:"bytes" validate:"min=1048576"`
	MinFree int `yaml:"min_free" unit:"bytes" validate:"min=0"`
}

// Odoo is the one database that all shops are booked in.
type Odoo struct {
	URL      string `yaml:"url" validate:"required,http_url,nologin"`
	Database string `yaml:"database" validate:"required"`
	User     string `yaml:"user" validate:"required"`
	// Password is the user's password or, better, an API key.
	Password Secret `yaml:"password" validate:"required"`
	// Connections is how many calls run at once: Odoo's number of workers (2).
	Connections int `yaml:"connections" validate:"min=1,max=64"`
	// Protocol is how Odoo is spoken to (auto): auto asks Odoo which it knows;
	// jsonrpc and json2 insist.
	Protocol string `yaml:"protocol" validate:"oneof=auto jsonrpc json2"`
	// Timeout bounds one call (120 s); not below Odoo's own limit_time_real.
	Timeout time.Duration `yaml:"timeout" validate:"min=1s"`
}

// Worker is what runs the tasks.
type Worker struct {
	Live int `yaml:"live" validate:"min=1,max=1024"` // tasks at once in the live lane (64)
	// Sweep is how many run at once beside them of what nobody waits for, and of what a
	// person asked for (16).
	Sweep int `yaml:"sweep" validate:"min=1,max=1024"`
	// Lease is how long a worker may be silent before its record is given to another (6 s).
	Lease time.Duration `yaml:"lease" validate:"min=1s"`
	// Retry is the longest pause between two attempts of a failing task (15 min).
	Retry time.Duration `yaml:"retry" validate:"min=1s"`
	// Lookback is how far back the shops are asked for changes when Redis lost
	// everything while a worker looked (72 h); 0: not at all.
	Lookback time.Duration `yaml:"lookback" validate:"min=0"`
	// State is the file that keeps what no other system knows, for the day on which Redis
	// loses everything (state.json beside the spool). Workers may share one.
	State string `yaml:"state"`
}

// Journal is what is kept of the events that came in.
type Journal struct {
	// Keep is for how long finished events are kept (30d); those that need a person
	// are kept until they are finished.
	Keep Keep `yaml:"keep"`
	// Bodies keeps what was received beside them (true).
	Bodies bool `yaml:"bodies"`
	// Key encrypts the bodies, at least 32 characters; none: they are kept as they are.
	Key Secret `yaml:"key" validate:"omitempty,min=32"`
}

// Log is how we write about ourselves.
type Log struct {
	Level  string `yaml:"level" validate:"oneof=debug info warn error"` // (info)
	Format string `yaml:"format" validate:"oneof=json text"`            // (json)
}

// Shop is one shop. Its platform's own settings stand in the block named after
// the platform and are decoded by it.
type Shop struct {
	ID       string `yaml:"id" validate:"required,shopid"` // [a-z][a-z0-9]{1,15}, never renamed
	Platform string `yaml:"platform" validate:"required"`
	// Mode is observe or live; empty: observe.
	Mode string `yaml:"mode" validate:"omitempty,oneof=observe live"`
	// GoLive bounds every way in: orders made before it are not imported.
	GoLive Moment `yaml:"go_live" validate:"required_if=Mode live"`
	// Webhooks is care or observe; empty: care. See MendsWebhooks.
	Webhooks string `yaml:"webhooks" validate:"omitempty,oneof=care observe"`
	Import   Import `yaml:"import"`
	// Books holds for every order of the shop. What a channel says differently
	// stands in Channels, what a rule says in Rules; the nearest wins, see Shop.For.
	Books    Books     `yaml:"books"`
	Channels []Channel `yaml:"channels" validate:"dive"`
	Rules    []Rule    `yaml:"rules" validate:"dive"`
	// Workflows are what rules choose from; Workflow is the one for orders to which
	// no rule gives another.
	Workflows []Workflow `yaml:"workflows" validate:"dive"`
	Workflow  string     `yaml:"workflow"`
	Risk      Risk       `yaml:"risk"`
	// WriteBack is what the shop is told of what happens in Odoo.
	WriteBack WriteBack `yaml:"write_back"`
	// Jobs are those of the whole file where the shop does not say otherwise.
	Jobs Jobs `yaml:"jobs"`

	block *block // the platform's block, kept for Decode
}

// WriteBack is what is written to the shop: the statuses that orders get there, in its own
// words (empty: they are left alone), and whose accounts.
type WriteBack struct {
	Delivered string `yaml:"delivered"` // all of it left the warehouse in Odoo
	// Accounts says what a contact that is pushed may do: known changes accounts that the
	// shop has, all makes those too that it lacks. Empty: known.
	Accounts string `yaml:"accounts" validate:"omitempty,oneof=known all"`
}

// MakesAccounts reports whether contacts that are pushed get accounts of their own: the
// shop may mail their owners about that.
func (w WriteBack) MakesAccounts() bool { return w.Accounts == "all" }
