package gateway

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// firstRead is how much of a body comes in before room is reserved for the rest
// of it: announcing a large one holds nothing.
const firstRead = 16 << 10

// read takes the body in, as raw bytes, at most limit of them. Memory is reserved in
// the budget before it is used; whoever holds gives it back.
func (g *Gateway) read(c *fiber.Ctx, held *holding, limit int) ([]byte, error) {
	size := c.Request().Header.ContentLength()
	if size > limit {
		return nil, tooLarge()
	}
	stream := c.Request().BodyStream()
	if stream == nil {
		return c.Request().Body(), nil
	}
	in := &paced{from: stream, conn: c.Context().Conn(), size: size, within: g.opt.Config.ReadTimeout}
	body, err := held.read(in, max(size, 0), limit)
	if err == nil && len(body) < size {
		err = endedEarly()
	}
	if err != nil {
		return nil, err
	}
	return body, nil
}

// read reads to the end, at most limit bytes. size is what the sender announced,
// 0 if nothing.
func (h *holding) read(in *paced, size, limit int) ([]byte, error) {
	var body []byte
	for {
		if len(body) == cap(body) {
			larger := h.next(cap(body), size, limit)
			if larger == cap(body) {
				return nil, tooLarge()
			}
			before, err := h.grow(larger, size <= larger)
			in.begin()
			if err != nil {
				return nil, err
			}
			body = append(h.room(larger), body...)
			if larger > firstRead {
				h.leaveRoom() // it is in the larger one
			}
			h.giveBack(before)
		}
		n, err := in.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > limit:
			return nil, tooLarge()
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, endedEarly()
		}
	}
}

// next is the room to read on with: of a body whose size was not told, the first
// of it, as much as a small one may have, and the limit. It is one more than the
// size, to see the end.
func (h *holding) next(have, size, limit int) int {
	most := limit + 1
	if size > 0 {
		most = size + 1
	}
	switch {
	case have < firstRead:
		return min(firstRead, most)
	case size == 0 && have < h.smallest:
		return min(h.smallest, most)
	}
	return most
}

// paced holds a sender to the pace at which the whole body is there in time, with
// a fifth of the time ahead: who sends nothing, or a little of much, does not hold
// its room for all of it.
type paced struct {
	from      io.Reader
	conn      net.Conn
	size, got int
	within    time.Duration
	began     time.Time
	due       time.Duration // after began, as the connection was told
}

// begin starts the time: what was waited for room does not count.
func (p *paced) begin() {
	p.began, p.due = time.Now(), p.within
	_ = p.conn.SetReadDeadline(p.began.Add(p.within)) // a connection that has gone says so when it is read
}

func (p *paced) Read(b []byte) (int, error) {
	due := p.within
	if p.size > firstRead && p.got >= firstRead {
		due = p.within/5 + time.Duration(float64(p.within)*4/5*float64(p.got)/float64(p.size))
		// What is here already is read, however late we come for it.
		due = min(max(due, time.Since(p.began)+p.within/50), p.within)
	}
	if due != p.due {
		p.due = due
		if err := p.conn.SetReadDeadline(p.began.Add(due)); err != nil {
			return 0, err
		}
	}
	n, err := p.from.Read(b)
	p.got += n
	return n, err
}

func tooLarge() error {
	return &commerce.Error{Op: "read", Reason: commerce.TooLarge, Detail: "the body is larger than server.body_limit"}
}

func endedEarly() error {
	return &commerce.Error{Op: "read", Reason: commerce.Invalid, Detail: "the body ended early"}
}
