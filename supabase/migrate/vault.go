package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bloom/supabase"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNoVault is of a database that has no place for secrets.
var ErrNoVault = errors.New("the database has no vault, as the extension supabase_vault is not installed")

const vaultQuery = `SELECT to_regclass('vault.secrets') IS NOT NULL
	AND EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = to_regnamespace('vault') AND proname = 'create_secret')
	AND EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = to_regnamespace('vault') AND proname = 'update_secret')`

// PutSecrets stores secrets in the database's vault, in place of those of the
// same name; all of them or none. Its errors do not tell what is secret.
func (s *Session) PutSecrets(ctx context.Context, secrets []supabase.Secret) error {
	var vault bool
	if err := s.Conn.QueryRow(ctx, vaultQuery).Scan(&vault); err != nil {
		return err
	}
	if !vault {
		return ErrNoVault
	}
	// What the server says on the way may quote what it was given.
	say := s.options.Say
	s.options.Say = func(text string) { say(conceal(text, secrets)) }
	defer func() { s.options.Say = say }()
	err := s.settle(ctx)
	if err == nil {
		err = s.retry(ctx, func() error {
			return s.inTransaction(ctx, "BEGIN", func() error { return s.putSecrets(ctx, secrets) })
		})
	}
	if err == nil {
		return nil
	}
	text := err.Error()
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		text = serverText(pg)
	}
	return errors.New(conceal(text, secrets))
}

func (s *Session) putSecrets(ctx context.Context, secrets []supabase.Secret) error {
	for _, secret := range secrets {
		rows, err := s.Conn.Query(ctx, "SELECT id::text FROM vault.secrets WHERE name = $1", secret.Name)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			_, err = s.Conn.Exec(ctx, "SELECT vault.create_secret($1, $2)", secret.Value, secret.Name)
		}
		for _, id := range ids {
			if err == nil {
				_, err = s.Conn.Exec(ctx, "SELECT vault.update_secret($1::uuid, $2)", id, secret.Value)
			}
		}
		if err != nil {
			return fmt.Errorf("secret %s: %w", secret.Name, err)
		}
	}
	return nil
}

// conceal takes the values of secrets out of a text.
func conceal(text string, secrets []supabase.Secret) string {
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret.Value, "xxxxx")
	}
	return text
}
