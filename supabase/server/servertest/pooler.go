package servertest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Pooler is a connection pooler in front of a server, with the manners of PgBouncer and Supavisor: it refuses
// startup parameters that it does not know and gives clients keys of its own. In session mode a
// client has a server connection for itself. In transaction mode each transaction gets the next of a few, with
// whatever settings and prepared statements others have left there.
type Pooler struct {
	URL string

	upstream    string
	transaction bool
	mu          sync.Mutex
	idle        []*pooled
}

// pooled is a server connection of the pool.
type pooled struct {
	net.Conn
	greeting []byte // what the server sent before it was ready
}

// NewPooler starts a pooler in front of the database at a URL; it ends with the test.
func NewPooler(t testing.TB, dsn string, transaction bool) *Pooler {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &Pooler{upstream: u.Host, transaction: transaction}
	u.Host = l.Addr().String()
	p.URL = u.String()
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

// poolerParameters are those that PgBouncer keeps track of.
var poolerParameters = map[string]bool{
	"user": true, "database": true, "application_name": true, "client_encoding": true, "datestyle": true, "timezone": true, "standard_conforming_strings": true,
}

func (p *Pooler) serve(client net.Conn) {
	defer client.Close()
	startup, err := greet(client)
	if err != nil {
		return
	}
	for name := range startup.Parameters {
		if !poolerParameters[strings.ToLower(name)] {
			b, _ := (&pgproto3.ErrorResponse{Severity: "FATAL", Code: "08P01", Message: "unsupported startup parameter: " + name}).Encode(nil)
			_, _ = client.Write(b)
			return
		}
	}
	c := &pooledClient{pooler: p, conn: client, startup: startup}
	defer c.leave()
	if err := c.attach(); err != nil {
		return
	}
	key, _ := (&pgproto3.BackendKeyData{ProcessID: 7, SecretKey: []byte{0, 0, 0, 7}}).Encode(nil)
	ready, _ := (&pgproto3.ReadyForQuery{TxStatus: 'I'}).Encode(nil)
	if _, err := client.Write(append(append(c.server.greeting, key...), ready...)); err != nil {
		return
	}
	if p.transaction {
		c.detach()
	} else {
		go c.down(c.server)
	}
	c.up()
}

// greet reads the startup message. There is no TLS.
func greet(client net.Conn) (*pgproto3.StartupMessage, error) {
	b := pgproto3.NewBackend(client, client)
	for {
		m, err := b.ReceiveStartupMessage()
		if err != nil {
			return nil, err
		}
		switch m := m.(type) {
		case *pgproto3.StartupMessage:
			return m, nil
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := client.Write([]byte{'N'}); err != nil {
				return nil, err
			}
		default:
			return nil, errors.New("no startup message")
		}
	}
}

// pooledClient is a client and the server connection that it has at the time.
type pooledClient struct {
	pooler  *Pooler
	conn    net.Conn
	startup *pgproto3.StartupMessage

	mu      sync.Mutex
	server  *pooled
	pending int  // replies that are still to end
	open    bool // messages were sent that no Sync has followed yet
}

// poolSize is how many server connections a pool has at least before one is used again.
const poolSize = 3

func (c *pooledClient) attach() error {
	p := c.pooler
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.transaction && len(p.idle) >= poolSize {
		c.server, p.idle = p.idle[0], p.idle[1:]
		return nil
	}
	conn, err := net.Dial("tcp", p.upstream)
	if err != nil {
		return err
	}
	b, err := c.startup.Encode(nil)
	if err != nil {
		return err
	}
	if _, err := conn.Write(b); err != nil {
		return err
	}
	c.server = &pooled{Conn: conn}
	for {
		m, err := message(conn)
		switch {
		case err != nil:
			return err
		case m[0] == 'E':
			_, _ = c.conn.Write(m)
			return errors.New("refused")
		case m[0] == 'Z':
			return nil
		case m[0] != 'K':
			c.server.greeting = append(c.server.greeting, m...)
		}
	}
}

// detach gives the server connection back.
func (c *pooledClient) detach() {
	c.pooler.mu.Lock()
	c.pooler.idle = append(c.pooler.idle, c.server)
	c.pooler.mu.Unlock()
	c.server = nil
}

// leave ends the server connection with the client's.
func (c *pooledClient) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server != nil {
		c.server.Close()
	}
}

// up passes on what the client sends.
func (c *pooledClient) up() {
	for {
		m, err := message(c.conn)
		if err != nil || m[0] == 'X' {
			return
		}
		if err := c.send(m); err != nil {
			return
		}
	}
}

func (c *pooledClient) send(m []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		if err := c.attach(); err != nil {
			return err
		}
		go c.down(c.server)
	}
	ends := m[0] == 'Q' || m[0] == 'S'
	if c.open = !ends; ends {
		c.pending++
	}
	_, err := c.server.Write(m)
	return err
}

// down passes on what the server replies, in transaction mode until the transaction ends.
func (c *pooledClient) down(server *pooled) {
	for {
		m, err := message(server)
		if err != nil {
			c.conn.Close()
			return
		}
		c.mu.Lock()
		if _, err = c.conn.Write(m); m[0] == 'Z' {
			c.pending--
		}
		over := c.pooler.transaction && m[0] == 'Z' && m[5] == 'I' && c.pending == 0 && !c.open
		if over {
			c.detach()
		}
		c.mu.Unlock()
		if over || err != nil {
			return
		}
	}
}

// message reads one message with its head.
func message(r io.Reader) ([]byte, error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err := io.ReadFull(r, body)
	return append(head, body...), err
}
