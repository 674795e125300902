package main

import (
	"net"
	"sync"
	"testing"
)

// proxy passes messages on to a server until it has passed so many.
type proxy struct {
	port int
	mu   sync.Mutex
	left int
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &proxy{port: listener.Addr().(*net.TCPAddr).Port}
	go accept(listener, to, func(client, backend net.Conn) {
		go p.pass(client, backend)
		go p.pass(backend, client)
	})
	return p
}

// accept joins each connection to a new one to the server, until the listener is closed.
func accept(listener net.Listener, to string, join func(client, backend net.Conn)) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		backend, err := net.Dial("tcp", to)
		if err != nil {
			client.Close()
			continue
		}
		join(client, backend)
	}
}

func (p *proxy) allow(messages int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = messages
}

func (p *proxy) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.left--
		cut := p.left < 0
		p.mu.Unlock()
		if cut {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
