package platformtest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// verify: recorded signatures get their verdict, and nothing else passes.
func (s Suite) verify(t *testing.T) {
	for _, v := range s.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			err := s.shop(t, "", v.Secrets...).Receiver.Verify(v.Delivery)
			if v.Accept {
				require.NoError(t, err)
				return
			}
			s.fails(t, commerce.Unauthorized, err)
			for _, secret := range v.Secrets {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
	fake, shop := s.start(t)
	if shop.Receiver == nil {
		return
	}
	require.NoError(t, shop.Receiver.Verify(fake.Delivery()))
	if s.Header.Signature == "" {
		return
	}
	t.Run("every changed byte is noticed", func(t *testing.T) {
		for _, at := range []int{0, 1, 7} {
			d, _ := copied(fake.Delivery())
			d.Body[at] ^= 1
			s.fails(t, commerce.Unauthorized, shop.Receiver.Verify(d))
		}
	})
	t.Run("cut and lengthened bodies are refused", func(t *testing.T) {
		d, _ := copied(fake.Delivery())
		whole := d.Body
		for _, body := range [][]byte{nil, whole[:len(whole)/2], whole[:len(whole)-1], append(bytes.Clone(whole), ' ')} {
			d.Body = body
			s.fails(t, commerce.Unauthorized, shop.Receiver.Verify(d))
		}
	})
	t.Run("odd signatures are refused", func(t *testing.T) {
		for _, signature := range []string{"", "x", "====", fake.Secret, string(make([]byte, 4096))} {
			d, h := copied(fake.Delivery())
			h.Set(s.Header.Signature, signature)
			s.fails(t, commerce.Unauthorized, shop.Receiver.Verify(d))
		}
	})
}

// events: hints are named the same each time, and bad input ends as promised.
func (s Suite) events(t *testing.T) {
	fake, shop := s.start(t)
	if shop.Receiver == nil {
		return
	}
	t.Run("a delivery about an order names it", func(t *testing.T) {
		e := s.one(t, shop, fake.Delivery())
		require.Equal(t, commerce.HintOrder, e.Hint)
		require.Equal(t, commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: fake.Order}, e.Aggregate)
		require.NotEmpty(t, e.ID)
		require.NotEmpty(t, e.Topic)
	})
	t.Run("a repeat has the same task, a new delivery another", func(t *testing.T) {
		d := fake.Delivery()
		again, _ := copied(d)
		require.Equal(t, s.one(t, shop, d).TaskID(), s.one(t, shop, again).TaskID())
		require.NotEqual(t, s.one(t, shop, d).TaskID(), s.one(t, shop, fake.Delivery()).TaskID())
	})
	t.Run("events keep nothing of the headers", func(t *testing.T) {
		d, _ := copied(fake.Delivery())
		buffers := &reused{header: d.Header, given: map[string][]byte{}}
		d.Header = buffers
		e := s.one(t, shop, d)
		before := fmt.Sprintf("%+v", e)
		buffers.overwrite()
		require.Equal(t, before, fmt.Sprintf("%+v", e))
	})
	t.Run("a topic that nobody knows is ignored", func(t *testing.T) {
		_, err := shop.Receiver.Events(fake.Sign("nobody/knows", []byte(`{"id":1}`)))
		s.fails(t, commerce.Ignored, err)
	})
	t.Run("a delivery without an id of its own is invalid", func(t *testing.T) {
		for _, id := range []string{"", "a/b", "a b", "\x00", string(bytes.Repeat([]byte("x"), 5000))} {
			d, h := copied(fake.Delivery())
			h.Set(s.Header.EventID, id)
			_, err := shop.Receiver.Events(d)
			s.fails(t, commerce.Invalid, err)
		}
	})
	t.Run("bodies that are not what they should be are invalid", func(t *testing.T) {
		topic := fake.Delivery().Header.Get(s.Header.Topic)
		whole := fake.Delivery().Body
		for _, body := range [][]byte{
			nil, []byte("null"), []byte("[]"), []byte(`"x"`), []byte("1"), []byte("{}"), []byte("<order/>"), {0xff, 0xfe},
			[]byte(`{"id":{}}`), []byte(`{"id":1.5}`), []byte(`{"id":-1}`), []byte(`{"id":true}`), []byte(`{"id":1e400}`),
			whole[:1], whole[:len(whole)/2], whole[:len(whole)-1], bytes.Repeat([]byte("["), 20000),
		} {
			_, err := shop.Receiver.Events(fake.Sign(topic, body))
			s.fails(t, commerce.Invalid, err)
		}
	})
}

func (s Suite) one(t *testing.T, shop *handlers.Shop, d handlers.Delivery) commerce.Event {
	events, err := shop.Receiver.Events(d)
	require.NoError(t, err)
	require.Len(t, events, 1)
	return events[0]
}
