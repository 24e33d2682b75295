package tasks

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// mostBody bounds what one kept body may unpack to.
const mostBody = 256 << 20

// How a body is kept: one byte, then zstd, as it is or under AES-256-GCM with a
// random nonce and the event's id as additional data.
const (
	bodyPlain  = 1
	bodySealed = 2
)

// Errors of a body that cannot be shown.
var (
	ErrNoBody   = errors.New("no body is kept of this event")
	ErrBodyKey  = errors.New("the body was kept under another key; put that one into journal.key to read it")
	errBodyForm = errors.New("the body is kept in a form that this version does not know")
)

// Bodies keeps what was received, once an event, compressed and, with a key, encrypted. It is
// safe for concurrent use; nil keeps nothing.
type Bodies struct {
	keep bool
	seal cipher.AEAD // nil: no key
	enc  *zstd.Encoder
	dec  *zstd.Decoder
}

// NewBodies makes what the configuration says; it has checked the key.
func NewBodies(cfg config.Journal) (*Bodies, error) {
	b := &Bodies{keep: cfg.Bodies}
	var err error
	if b.enc, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if b.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostBody)); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	key, ok := cfg.SealingKey()
	if !ok {
		return b, nil
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("journal.key: %w", err)
	}
	b.seal, err = cipher.NewGCMWithRandomNonce(block)
	return b, err
}

// pack is a body as it is kept; none for one that is not.
func (b *Bodies) pack(id string, body []byte) []byte {
	if b == nil || !b.keep || len(body) == 0 {
		return nil
	}
	if b.seal == nil {
		return b.enc.EncodeAll(body, []byte{bodyPlain})
	}
	return b.seal.Seal([]byte{bodySealed}, nil, b.enc.EncodeAll(body, nil), []byte(id)) //nolint:gosec // it makes its own nonce
}

// unpack is the body as it was received.
func (b *Bodies) unpack(id string, packed []byte) ([]byte, error) {
	switch {
	case len(packed) > 0 && packed[0] == bodyPlain:
		packed = packed[1:]
	case len(packed) > 0 && packed[0] == bodySealed:
		if b.seal == nil {
			return nil, ErrBodyKey
		}
		var err error
		if packed, err = b.seal.Open(nil, nil, packed[1:], []byte(id)); err != nil {
			return nil, ErrBodyKey
		}
	default:
		return nil, errBodyForm
	}
	body, err := b.dec.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack the body: %w", err)
	}
	return body, nil
}

// Read is the body of an event as it was received. ErrNoBody: none is kept, because
// it had none, or bodies are not kept, or it was erased or is older than journal.keep.
func (b *Bodies) Read(ctx context.Context, rdb *redis.Client, shop, id string) ([]byte, error) {
	packed, err := rdb.Get(ctx, bodyKey(shop, id)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNoBody
	}
	if err != nil {
		return nil, fmt.Errorf("body of event %s: %w", id, err)
	}
	return b.unpack(id, packed)
}

// arrive is the event as it is written down.
func (b *Bodies) arrive(e commerce.Event) arrival {
	id := entryID(e.TaskID())
	return arrival{Event: e, id: id, packed: b.pack(id, e.Body)}
}
