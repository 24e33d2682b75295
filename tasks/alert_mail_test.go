package tasks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// letter is a mail as the server took it.
type letter struct {
	From, To, Subject, Text string
	Head                    mail.Header
}

// postOffice is a real SMTP server that keeps what it takes.
type postOffice struct {
	Addr  string
	roots *x509.CertPool

	mu      sync.Mutex
	letters []letter
	logins  []string
	refuse  error         // what it answers to every recipient
	more    chan struct{} // closed with each letter
}

const officePassword = "s3cret of the office"

// openOffice listens with starttls, tls or none; without none a login is asked for.
func openOffice(t *testing.T, way string) *postOffice {
	t.Helper()
	https := httptest.NewUnstartedServer(nil) // for its certificate
	https.StartTLS()
	set := https.TLS.Clone()
	set.NextProtos = nil
	o := &postOffice{roots: x509.NewCertPool(), more: make(chan struct{})}
	o.roots.AddCert(https.Certificate())
	https.Close()

	srv := smtp.NewServer(o)
	srv.Domain, srv.ReadTimeout, srv.WriteTimeout = "office.example.com", 10*time.Second, 10*time.Second
	srv.ErrorLog = discard{}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	o.Addr = ln.Addr().String()
	switch way {
	case "starttls":
		srv.TLSConfig = set
	case "tls":
		ln = tls.NewListener(ln, set)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close(); <-served })
	return o
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

func (o *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &counter{office: o}, nil }

// counter is one connection.
type counter struct {
	office *postOffice
	letter letter
}

func (c *counter) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *counter) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != officePassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: user + " has another password"}
		}
		c.office.mu.Lock()
		defer c.office.mu.Unlock()
		c.office.logins = append(c.office.logins, user)
		return nil
	}), nil
}

func (c *counter) Mail(from string, _ *smtp.MailOptions) error { c.letter.From = from; return nil }

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.office.mu.Lock()
	defer c.office.mu.Unlock()
	c.letter.To = strings.TrimPrefix(c.letter.To+","+to, ",")
	return c.office.refuse
}

func (c *counter) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	c.letter.Subject, c.letter.Text, c.letter.Head = subject, strings.ReplaceAll(string(raw), "\r\n", "\n"), m.Header
	c.office.mu.Lock()
	defer c.office.mu.Unlock()
	c.office.letters = append(c.office.letters, c.letter)
	close(c.office.more)
	c.office.more = make(chan struct{})
	return nil
}

func (c *counter) Reset()        { c.letter = letter{} }
func (c *counter) Logout() error { return nil }

// wait returns the letters once there are n.
func (o *postOffice) wait(t *testing.T, n int) []letter {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		o.mu.Lock()
		letters, more := append([]letter{}, o.letters...), o.more
		o.mu.Unlock()
		if len(letters) >= n {
			return letters
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("waited a minute for %d letters; there are %v", n, letters)
		}
	}
}

// mailTo are the settings of a target at the office.
func (o *postOffice) mailTo(way string) config.AlertMail {
	cfg := config.AlertMail{Server: o.Addr, TLS: way, From: "gate@example.com", To: []string{"orders@example.com", "boss@example.com"}}
	if way != "none" {
		cfg.User, cfg.Password = "gate", config.NewSecret(officePassword)
	}
	return cfg
}

func (o *postOffice) mailer(cfg config.AlertMail) *mailer {
	m := newMailer(cfg)
	m.tls = &tls.Config{RootCAs: o.roots, MinVersion: tls.VersionTLS12}
	return m
}

func noticeOf(alerts ...Alert) notice {
	n := notice{ID: "abc", State: stateOpen, At: at(1)}
	for _, a := range alerts {
		n.Alerts = append(n.Alerts, OpenAlert{ID: a.id(), Alert: a, Count: 1, First: at(1), Last: at(1)})
	}
	return n
}

var oddAlert = Alert{Kind: config.AlertParked, Severity: Warning, Shop: "fi", Ref: commerce.Ref{Shop: "fi", Kind: "order", ID: "5001"}, Number: "#1001",
	Detail: "the total is 30.00 €\r\nBcc: everybody@example.com", Remedy: "settle it\n.\nMAIL FROM", Look: "odoogate order show fi '#1001'"}

func TestAMailGoesOverEveryKindOfConnection(t *testing.T) {
	for _, way := range []string{"starttls", "tls", "none"} {
		t.Run(way, func(t *testing.T) {
			o := openOffice(t, way)
			require.NoError(t, o.mailer(o.mailTo(way)).tell(t.Context(), noticeOf(oddAlert)))
			got := o.wait(t, 1)[0]
			require.Equal(t, "gate@example.com", got.From)
			require.Equal(t, "orders@example.com,boss@example.com", got.To)
			require.Equal(t, "[odoogate] warning · fi: the total is 30.00 € Bcc: everybody@example.com", got.Subject, "what a shop wrote is no header")
			require.Empty(t, got.Head.Get("Bcc"))
			require.Equal(t, "auto-generated", got.Head.Get("Auto-Submitted"))
			require.Equal(t, "<abc.odoogate@example.com>", got.Head.Get("Message-ID"))
			require.Contains(t, got.Text, "To do       settle it . MAIL FROM\n")
			require.Contains(t, got.Text, "Look with   odoogate order show fi '#1001'\n")
			if way != "none" {
				require.Equal(t, []string{"gate"}, o.logins)
			}
		})
	}
}

func TestAMailThatIsNotTakenIsToldWithoutSecretsAndAddresses(t *testing.T) {
	permanent := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "orders@example.com is unknown"}
	later := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted orders@example.com"}
	for _, tc := range []struct {
		name   string
		office string
		change func(o *postOffice, cfg *config.AlertMail, m *mailer)
		want   commerce.Reason
		detail string
	}{
		{"the login is wrong", "starttls", func(_ *postOffice, cfg *config.AlertMail, _ *mailer) { cfg.Password = config.NewSecret("wr0ng") }, commerce.Denied, "refuses the login"},
		{"a reader is unknown", "tls", func(o *postOffice, _ *config.AlertMail, _ *mailer) { o.refuse = permanent }, commerce.Invalid, "550"},
		{"it shall come again", "tls", func(o *postOffice, _ *config.AlertMail, _ *mailer) { o.refuse = later }, commerce.Unavailable, "451"},
		{"its certificate is not trusted", "tls", func(_ *postOffice, _ *config.AlertMail, m *mailer) { m.tls.RootCAs = x509.NewCertPool() }, commerce.Unavailable, "certificate"},
		{"it offers no encryption", "none", func(_ *postOffice, _ *config.AlertMail, _ *mailer) {}, commerce.Unavailable, "STARTTLS"},
		{"nobody is there", "none", func(_ *postOffice, cfg *config.AlertMail, _ *mailer) { cfg.Server = "127.0.0.1:1" }, commerce.Unavailable, "connection refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := openOffice(t, tc.office)
			way := tc.office
			if way == "none" {
				way = "starttls"
			}
			m := o.mailer(o.mailTo(way))
			tc.change(o, &m.cfg, m)
			err := m.tell(t.Context(), noticeOf(oddAlert))
			require.Equal(t, tc.want, commerce.ReasonOf(err), "%v", err)
			require.ErrorContains(t, err, tc.detail)
			for _, secret := range []string{officePassword, "wr0ng", "orders@", "boss@"} {
				require.NotContains(t, err.Error(), secret)
			}
			require.Empty(t, o.letters)
		})
	}
}

func TestAMailServerIsTriedWithoutAMail(t *testing.T) {
	o := openOffice(t, "starttls")
	m := o.mailer(o.mailTo("starttls"))
	require.NoError(t, m.reach(t.Context()))
	require.Equal(t, []string{"gate"}, o.logins)
	require.Empty(t, o.letters)
	m.cfg.Password = config.NewSecret("wr0ng")
	require.Equal(t, commerce.Denied, commerce.ReasonOf(m.reach(t.Context())))
}

func TestAServerThatHangsIsNotWaitedForLongerThanTheDeadline(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	require.NoError(t, err)
	defer ln.Close()
	m := newMailer(config.AlertMail{Server: ln.Addr().String(), From: "a@example.com", To: []string{"b@example.com"}})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- m.tell(ctx, noticeOf(oddAlert)) }()
	select {
	case err := <-done:
		require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	case <-time.After(time.Minute):
		t.Fatal("it hangs")
	}
}
