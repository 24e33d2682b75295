package tasks

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"time"
)

// bundleEvents is how many events of each shop are in a bundle: of those that need a
// person, and of all, the last.
const bundleEvents = 500

// Bundle is an archive (tar.gz) in the making for whoever helps, without secrets and
// personal data. What cannot be had is told in its place.
type Bundle struct {
	Parts int

	tar *tar.Writer
	zip *gzip.Writer
	now time.Time
}

// NewBundle begins one with what is known of the program.
func NewBundle(w io.Writer, version string) (*Bundle, error) {
	z := gzip.NewWriter(w)
	b := &Bundle{tar: tar.NewWriter(z), zip: z, now: time.Now()}
	return b, b.Part("about", func() (any, error) {
		return map[string]string{"version": version, "system": runtime.GOOS + "/" + runtime.GOARCH, "written": b.now.UTC().Format(time.RFC3339)}, nil
	})
}

// Add puts a file into it.
func (b *Bundle) Add(name string, content []byte) error {
	b.Parts++
	err := b.tar.WriteHeader(&tar.Header{Name: "odoogate/" + name, Mode: 0o600, Size: int64(len(content)), ModTime: b.now})
	if err == nil {
		_, err = b.tar.Write(content)
	}
	return err
}

// Part adds what get gives as JSON, or else why it cannot be had.
func (b *Bundle) Part(name string, get func() (any, error)) error {
	v, err := get()
	if err != nil {
		v = map[string]string{"left_out_because": err.Error()}
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return b.Add(name+".json", append(text, '\n'))
}

// Metrics adds those of a serving process as Prometheus reads them, or else why they
// cannot be had.
func (b *Bundle) Metrics(get func() ([]byte, error)) error {
	text, err := get()
	if err != nil {
		return b.Part("metrics", func() (any, error) { return nil, err })
	}
	return b.Add("metrics.txt", text)
}

// Close ends it.
func (b *Bundle) Close() error { return errors.Join(b.tar.Close(), b.zip.Close()) }

// Fill adds what Redis holds of the shops.
func (o *Operator) Fill(ctx context.Context, b *Bundle) error {
	type part struct {
		name string
		get  func() (any, error)
	}
	parts := []part{
		{"shops", func() (any, error) { return o.Shops(ctx) }},
		{"queue", func() (any, error) { return o.queue.State(ctx) }},
		{"failures", func() (any, error) { return o.Failures(ctx, "") }},
	}
	for _, shop := range o.ids() {
		parts = append(parts,
			part{"events-" + shop + "-last", func() (any, error) { return o.someEvents(ctx, Query{Shop: shop}) }},
			part{"events-" + shop + "-people", func() (any, error) { return o.someEvents(ctx, Query{Shop: shop, States: needsPerson}) }})
	}
	for _, p := range parts {
		if err := b.Part(p.name, p.get); err != nil {
			return err
		}
	}
	return nil
}

func (o *Operator) someEvents(ctx context.Context, q Query) (any, error) {
	list := []EventView{}
	for e, err := range o.journal.Events(ctx, q) {
		if err != nil || len(list) == bundleEvents {
			return list, err
		}
		list = append(list, e.View())
	}
	return list, nil
}
