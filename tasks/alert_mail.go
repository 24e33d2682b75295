package tasks

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// mailer sends notices as plain text.
type mailer struct {
	cfg config.AlertMail
	tls *tls.Config // nil: the system's roots
}

func newMailer(cfg config.AlertMail) *mailer { return &mailer{cfg: cfg} }

// session opens a connection that lives as long as ctx and no longer. Encryption is
// never left out where it was asked for, nor is the login.
func (m *mailer) session(ctx context.Context) (*mail.Client, error) {
	host, port := m.cfg.HostPort()
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	set := &tls.Config{MinVersion: tls.VersionTLS12}
	if m.tls != nil {
		set = m.tls.Clone()
	}
	set.ServerName = host
	opts := []mail.Option{mail.WithPort(number), mail.WithTimeout(sendWithin), mail.WithTLSConfig(set), mail.WithTLSPolicy(mail.TLSMandatory)}
	dial := (&net.Dialer{}).DialContext
	switch m.cfg.TLS {
	case "none":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	case "tls":
		opts, dial = append(opts, mail.WithSSL()), (&tls.Dialer{Config: set}).DialContext
	}
	// The library minds ctx until it is connected.
	opts = append(opts, mail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(dialing, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}))
	if m.cfg.User != "" {
		opts = append(opts, mail.WithUsername(m.cfg.User), mail.WithPassword(m.cfg.Password.Reveal()),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	c, err := mail.NewClient(host, opts...)
	if err != nil {
		return nil, err
	}
	return c, c.DialWithContext(ctx)
}

func (m *mailer) tell(ctx context.Context, n notice) error {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.From(m.cfg.From), msg.To(m.cfg.To...)); err != nil {
		return &commerce.Error{Op: "alert.mail", Reason: commerce.Invalid, Detail: "from or to cannot be used", Remedy: "correct them under alerts.targets"}
	}
	msg.Subject(n.subject())
	msg.SetDateWithValue(n.At)
	_, domain, _ := strings.Cut(m.cfg.From, "@")
	msg.SetMessageIDWithValue(n.ID + ".odoogate@" + domain) // what is sent twice is shown once
	msg.SetGenHeader("Auto-Submitted", "auto-generated")    // so that nobody's absence is answered
	msg.SetBodyString(mail.TypeTextPlain, n.text())
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := m.session(ctx)
	if err == nil {
		err = c.Send(msg)
	}
	if err != nil && !msg.IsDelivered() {
		return m.refused(err)
	}
	_ = c.Close() // it was taken
	return nil
}

// reach connects and logs in, and sends nothing.
func (m *mailer) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	c, err := m.session(ctx)
	if err != nil {
		return m.refused(err)
	}
	_ = c.Close() // it took the login
	return nil
}

// refused says what went wrong without the server's words, which may hold addresses.
// What the server refuses for good is Invalid, a login among it not: that is mended in
// the settings, and the mail goes then.
func (m *mailer) refused(err error) error {
	e := &commerce.Error{Op: "alert.mail", Reason: commerce.Unavailable, Detail: "the mail server " + m.cfg.Server + " does not take the mail"}
	var sending *mail.SendError
	var said *textproto.Error
	switch {
	case errors.As(err, &sending):
		e.Detail += fmt.Sprintf(": %d at %s", sending.ErrorCode(), sending.Reason)
		if !sending.IsTemp() && sending.ErrorCode() >= 500 {
			e.Reason, e.Remedy = commerce.Invalid, "correct from and to under alerts.targets"
		}
	case errors.As(err, &said):
		e.Detail += fmt.Sprintf(": it answered %d", said.Code)
		if said.Code == 535 || said.Code == 534 || said.Code == 530 {
			e.Reason, e.Detail, e.Remedy = commerce.Denied, "the mail server "+m.cfg.Server+" refuses the login", "correct user and password under alerts.targets"
		}
	default:
		e.Err = err
	}
	return e
}
