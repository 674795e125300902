package supabase

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// TargetFlags are the flags that choose a database. At most one of DBURL,
// Local and Linked is set.
type TargetFlags struct {
	DBURL    string // --db-url
	Local    bool   // --local
	Linked   bool   // --linked
	Password string // of the linked project; empty: SUPABASE_DB_PASSWORD
}

// Target is a database to work on.
type Target struct {
	Config *pgx.ConnConfig
	Name   string // "host:port/database", for people: it has no password
	Local  bool   // the project's own server on this machine
	Role   string // to work as; empty: the login, or postgres for administrators of the platform
	Silence
}

// Target chooses a database: by flag, else BLOOM_DB_URL, else
// SUPABASE_DB_URL, else the local one. (The CLI's default differs from
// command to command.)
func (p *Project) Target(ctx context.Context, f TargetFlags) (*Target, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	for _, name := range []string{"BLOOM_DB_URL", "SUPABASE_DB_URL"} {
		if f.DBURL == "" && !f.Local && !f.Linked {
			f.DBURL = os.Getenv(name)
		}
	}
	switch {
	case f.DBURL != "":
		return p.ByURL(f.DBURL)
	case f.Linked:
		return p.linked(ctx, f.Password)
	}
	return p.ByURL(p.LocalURL())
}

func (f TargetFlags) check() error {
	var set []string
	for _, flag := range []struct {
		name string
		set  bool
	}{{"db-url", f.DBURL != ""}, {"linked", f.Linked}, {"local", f.Local}} {
		if flag.set {
			set = append(set, flag.name)
		}
	}
	if len(set) > 1 {
		return fmt.Errorf("if any flags in the group [db-url linked local] are set none of the others can be; [%s] were all set", strings.Join(set, " "))
	}
	return nil
}

// LocalURL is the connection string of the project's own server.
func (p *Project) LocalURL() string {
	return fmt.Sprintf("postgresql://postgres:postgres@%s/postgres?sslmode=disable",
		net.JoinHostPort(p.Config.Hostname, strconv.Itoa(p.Config.DB.Port)))
}

// ByURL is the database of a connection string: URL or key=value, completed
// from PGHOST, PGPASSWORD, … as libpq does. Its sslmode counts; the CLI loses it.
func (p *Project) ByURL(dsn string) (*Target, error) {
	config, err := parseURL(dsn)
	if err != nil {
		return nil, err
	}
	if err := p.sessionMode(config); err != nil {
		return nil, err
	}
	silence, err := takeSilence(config)
	if err != nil {
		return nil, err
	}
	t := &Target{Config: config, Local: p.isLocal(config), Silence: silence}
	t.Name = net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))) + "/" + config.Database
	if strings.HasPrefix(config.Host, "/") { // a socket's folder
		t.Name = config.Host + "/" + config.Database
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "bloom"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
		if t.Local {
			config.ConnectTimeout = 2 * time.Second
		}
	}
	return t, nil
}

func parseURL(dsn string) (*pgx.ConnConfig, error) {
	const failed = "failed to parse connection string: "
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		// The parser's own message quotes parts that may be of the password.
		if _, err := url.Parse(dsn); err != nil {
			return nil, errors.New(failed + "it is no URL\nhint: in user and password, @ : / # % ? and spaces must be percent-encoded: %40 %3A %2F %23 %25 %3F %20; or give the password as PGPASSWORD")
		}
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf(failed+"%w", Redact(err))
	}
	return config, nil
}

// transactionPort is where Supabase's poolers change the server connection
// with each transaction: prepared statements, settings and locks get lost.
const transactionPort = 6543

// sessionMode moves a pooler connection to the port where a session stays a session.
func (p *Project) sessionMode(config *pgx.ConnConfig) error {
	if config.Port != transactionPort {
		return nil
	}
	switch {
	case strings.HasSuffix(config.Host, ".pooler.supabase.com"):
		p.Note("using port 5432 (session mode) of the pooler, not 6543 (transaction mode)")
		config.Port = 5432
		for _, fallback := range config.Fallbacks {
			fallback.Port = 5432
		}
	case strings.HasSuffix(config.Host, ".supabase.co"):
		return errors.New("port 6543 is a pooler in transaction mode, where settings and locks get lost\nhint: use port 5432")
	}
	return nil
}

// isLocal says whether it is the project's own server: on this machine, under
// any of its names, at a port of config.toml.
func (p *Project) isLocal(config *pgx.ConnConfig) bool {
	ip := net.ParseIP(config.Host)
	here := config.Host == p.Config.Hostname || config.Host == "localhost" || ip != nil && ip.IsLoopback()
	port := int(config.Port)
	return here && (port == p.Config.DB.Port || port == p.Config.DB.ShadowPort)
}

// linked is the database of the linked project: its own host where that
// answers, else the pooler that `supabase link` wrote down.
func (p *Project) linked(ctx context.Context, password string) (*Target, error) {
	ref, err := p.Ref()
	if err != nil {
		return nil, err
	}
	if err := p.configure(ref); err != nil {
		return nil, err
	}
	if password == "" {
		password = os.Getenv("SUPABASE_DB_PASSWORD")
	}
	if password == "" {
		return nil, errors.New("no password for the linked project\nhint: set SUPABASE_DB_PASSWORD")
	}
	direct := url.URL{
		Scheme: "postgresql", User: url.UserPassword("postgres", password),
		Host: "db." + ref + ".supabase.co:5432", Path: "/postgres", RawQuery: "sslmode=require",
	}
	pooler, err := os.ReadFile(p.path(poolerFile))
	if errors.Is(err, fs.ErrNotExist) || err == nil && reachable(ctx, direct.Host) {
		return p.ByURL(direct.String())
	}
	if err != nil {
		return nil, err
	}
	dsn, err := poolerURL(strings.TrimSpace(string(pooler)), ref, password)
	if err != nil {
		return nil, fmt.Errorf("%s: %w\nhint: `supabase link` writes it anew", poolerFile, err)
	}
	return p.ByURL(dsn)
}

// reachable says whether an address answers. Hosts of projects have IPv6
// addresses only, which many networks lack.
func reachable(ctx context.Context, address string) bool {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

var placeholder = regexp.MustCompile(`:\[[^\]]*\]@`)

// poolerURL completes a stored pooler URL. The password goes only to a host
// of Supabase, and for this project.
func poolerURL(stored, ref, password string) (string, error) {
	u, err := url.Parse(placeholder.ReplaceAllString(stored, "@"))
	if err != nil || u.User == nil {
		return "", errors.New("is no connection URL")
	}
	if !strings.HasSuffix(u.Hostname(), ".supabase.com") {
		return "", fmt.Errorf("%s is no host of supabase.com", u.Hostname())
	}
	user := u.User.Username()
	if !strings.HasSuffix(user, "."+ref) && u.Query().Get("options") != "reference="+ref {
		return "", fmt.Errorf("user %s is not of project %s", user, ref)
	}
	u.User = url.UserPassword(user, password)
	query := u.Query()
	if query.Get("sslmode") == "" {
		query.Set("sslmode", "require")
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}
