package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/handlers/shopify"
)

// initOptions are the flags of init. Secrets are none of them: arguments can be
// read by every user of a machine.
type initOptions struct {
	answers
	out, secretsDir string
	force           bool
}

func (p process) initCommand() *cobra.Command {
	opt := initOptions{}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write the configuration of a first shop",
		Long: `Write a commented configuration for one shop. What the flags do not say is asked
for, on a terminal; each answer is checked at once. The shop starts in mode
observe: nothing is written to Odoo until you say so.

Secrets are never flags. The file names variables of the environment for them;
with --secrets-dir they are asked for without showing them, and kept in files
that only you can read. Without a terminal they are then read from standard
input, a line each: the Redis URL, Odoo's API key or password, and what the
platform needs (Shopify: the client secret; before it the access token, where no
--client-id is given. WooCommerce: consumer key, consumer secret, and what shall
sign its webhooks, which may be empty: then a secret is made).`,
		Example: `  odoogate init
  odoogate init --shop fi --domain my-store.myshopify.com --client-id 0123abcd --public-url https://hooks.example.com \
    --odoo-url https://odoo.example.com --odoo-db production --odoo-user odoogate@example.com
  odoogate init --platform woocommerce --shop de --url https://shop.example.com --secrets-dir secrets`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.init(cmd.Context(), opt) },
	}
	f := cmd.Flags()
	f.StringVar(&opt.Platform, "platform", shopify.Name, "the shop system: "+strings.Join(all.Names(), ", "))
	for _, q := range questions(&opt.answers) {
		f.StringVar(q.into, q.flag, "", q.help)
	}
	f.StringVarP(&opt.out, "out", "o", "odoogate.yml", "the file to write")
	f.StringVar(&opt.secretsDir, "secrets-dir", "", "keep the secrets in files in this folder instead of the environment")
	f.BoolVar(&opt.force, "force", false, "write over files that are there")
	return cmd
}

func (p process) init(ctx context.Context, opt initOptions) error {
	if err := opt.free(opt.out); err != nil {
		return err
	}
	if dir, err := os.Stat(filepath.Dir(opt.out)); err != nil || !dir.IsDir() {
		return fmt.Errorf("there is no folder %s to write to; make it, or choose another with --out", filepath.Dir(opt.out))
	}
	if !slices.Contains(all.Names(), opt.Platform) {
		return fmt.Errorf("--platform %q is unknown; known are: %s", opt.Platform, strings.Join(all.Names(), ", "))
	}
	ask := newAsker(p)
	if err := opt.fill(ctx, ask); err != nil {
		return err
	}
	if err := opt.check(nil, ""); err != nil {
		return err
	}
	if opt.secretsDir != "" {
		if err := opt.keepSecrets(ctx, ask); err != nil {
			return err
		}
	}
	text, err := opt.render()
	if err != nil {
		return err
	}
	if err := opt.write(opt.out, text); err != nil {
		return err
	}
	return opt.next(p)
}

// fill asks for what the flags left out. Without a terminal everything required
// must have been given.
func (o *initOptions) fill(ctx context.Context, ask *asker) error {
	var missing []string
	for _, q := range questions(&o.answers) {
		switch {
		case q.platform != "" && q.platform != o.Platform:
			if *q.into != "" {
				return fmt.Errorf("--%s is for %s alone; leave it out, or choose that platform", q.flag, q.platform)
			}
		case *q.into != "":
		case ask.terminal:
			if err := ask.text(ctx, q, func() error { return o.check(&q, "") }); err != nil {
				return err
			}
		case !q.optional:
			missing = append(missing, "--"+q.flag)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s missing; give them as flags, or run init on a terminal to be asked", strings.Join(missing, ", "))
	}
	return nil
}

// check holds the answers against the rules of the configuration; with one
// question only against what is said of it. The secrets are stood in for, but
// for Redis's URL where it is known already.
func (o *initOptions) check(only *question, redisURL string) error {
	stand := *o
	stand.secretsDir = ""
	text, err := stand.render()
	if err != nil {
		return err
	}
	environ := []string{"REDIS_URL=" + cmp.Or(redisURL, "redis://127.0.0.1:6379/0")}
	for _, s := range stand.secrets()[1:] {
		environ = append(environ, s.name+"=x")
	}
	return wrongAnswers(&stand.answers, problemsOf(text, stand.out, environ), only)
}

// next says what to do now.
func (o *initOptions) next(p process) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Wrote %s: shop %s in mode observe, which writes nothing to Odoo.\n\n", o.out, o.Shop)
	if o.secretsDir == "" {
		b.WriteString("Put these into the environment of odoogate (a shell: export NAME=value):\n")
		for _, s := range o.secrets() {
			fmt.Fprintf(&b, "  %-*s  %s\n", 10+len(o.Shop)+2, s.name, s.help)
		}
		b.WriteString("\nThen:\n")
	} else {
		fmt.Fprintf(&b, "The secrets are in %s; the user that runs odoogate must be able to read them.\n\nNow:\n", o.secretsDir)
	}
	fmt.Fprintf(&b, "  odoogate check --config %s\n  odoogate serve --config %s\n", o.out, o.out)
	_, err := fmt.Fprint(p.out, b.String())
	return err
}

// free refuses to write over a file.
func (o *initOptions) free(path string) error {
	if o.force {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s is there already; choose another name with --out, or write over it with --force", path)
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look for %s: %w", path, err)
	}
	return nil
}

// write makes a file at once or not at all.
func (o *initOptions) write(path string, data []byte) error {
	if err := o.free(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// problemsOf are those of a configuration's text, and of its shops' own blocks.
func problemsOf(text []byte, name string, environ []string) error {
	cfg, err := config.Parse(text, name, environ)
	if cfg == nil {
		return err
	}
	return config.Join(err, openOnly(cfg))
}
