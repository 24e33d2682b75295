package gateway

import (
	"bytes"
	"context"
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// checkWithin is what a look at everything around may take.
const checkWithin = 30 * time.Second

// attachment is an answer that is a file; one without a name is shown.
type attachment struct {
	name, kind string
	content    []byte
}

// check connects to everything that the configuration names.
func (a *api) check(k *call) (any, error) {
	done, err := a.looks()
	if err != nil {
		return nil, err
	}
	defer done()
	return a.checked(k), nil
}

func (a *api) checked(k *call) tasks.CheckReport {
	ctx, cancel := context.WithTimeout(k.UserContext(), checkWithin)
	defer cancel()
	return tasks.NewCheckReport(k.op.Check(ctx, a.Config))
}

// looks lets one look at everything be under way: it asks Redis, Odoo, every shop and every
// mail server.
func (a *api) looks() (done func(), err error) {
	if !a.looking.TryLock() {
		return nil, &commerce.Error{Op: "check", Reason: commerce.RateLimited, Detail: "a check or a bundle is under way already",
			Remedy: "come again when it is through", RetryAfter: 5 * time.Second}
	}
	return a.looking.Unlock, nil
}

// bundle is the archive for whoever helps. It is put together before the first byte of it
// is sent, so that what goes wrong is answered as a problem and not as half a file.
func (a *api) bundle(k *call) (any, error) {
	done, err := a.looks()
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := k.longer()
	defer cancel()
	var out bytes.Buffer
	b, err := tasks.NewBundle(&out, a.Version)
	if err != nil {
		return nil, err
	}
	for name, get := range map[string]func() (any, error){
		"config": func() (any, error) { return a.Config, nil },
		"check":  func() (any, error) { return a.checked(k), nil },
	} {
		if err := b.Part(name, get); err != nil {
			return nil, err
		}
	}
	if err := k.op.Fill(ctx, b); err != nil {
		return nil, err
	}
	if err := b.Metrics(a.gateway.metricsText); err != nil {
		return nil, err
	}
	if err := b.Close(); err != nil {
		return nil, err
	}
	return attachment{time.Now().UTC().Format("odoogate-bundle-20060102-150405.tar.gz"), "application/gzip", out.Bytes()}, nil
}

// metricsText is what Prometheus would read now.
func (g *Gateway) metricsText() ([]byte, error) {
	families, err := g.opt.Metrics.Gather()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&out, f); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}
