package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// door is one listening address that outlives the servers behind it: while a
// new one already answers, an old one finishes what it has begun, and no
// connection is refused in between.
type door struct {
	ln    net.Listener
	conns chan net.Conn
	life  context.Context // ends when the door is closed
	shut  context.CancelFunc
	done  chan struct{}
}

func openDoor(ln net.Listener) *door {
	d := &door{ln: ln, conns: make(chan net.Conn), done: make(chan struct{})}
	d.life, d.shut = context.WithCancel(context.Background())
	go d.welcome()
	return d
}

// welcome hands every connection to whoever serves.
func (d *door) welcome() {
	defer close(d.done)
	for failures := 0; ; {
		conn, err := d.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as no file descriptor left: waiting is all that helps
			failures = min(failures+1, 200)
			pause(d.life, time.Duration(failures)*5*time.Millisecond)
			continue
		}
		failures = 0
		select {
		case d.conns <- conn:
		case <-d.life.Done():
			_ = conn.Close()
		}
	}
}

// close ends the address.
func (d *door) close() error {
	d.shut()
	err := d.ln.Close()
	<-d.done
	return err
}

// listener is the door as one server sees it; closing it leaves the door open.
func (d *door) listener() net.Listener {
	return &behindDoor{door: d, closed: make(chan struct{})}
}

type behindDoor struct {
	*door
	once   sync.Once
	closed chan struct{}
}

func (b *behindDoor) Accept() (net.Conn, error) {
	select {
	case <-b.closed: // before any waiting connection: another server takes it
		return nil, net.ErrClosed
	default:
	}
	select {
	case conn := <-b.conns:
		return conn, nil
	case <-b.closed:
		return nil, net.ErrClosed
	}
}

func (b *behindDoor) Close() error {
	b.once.Do(func() { close(b.closed) })
	return nil
}

func (b *behindDoor) Addr() net.Addr { return b.ln.Addr() }
