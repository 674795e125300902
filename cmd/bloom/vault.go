package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bloom/supabase"
	"bloom/supabase/migrate"
)

// vault stores the secrets of [db.vault] in the database, before migrations that
// may read them. A database without a vault goes without, which is said.
func (w *work) vault(ctx context.Context) error {
	var secrets []supabase.Secret
	for _, s := range w.project.Config.Vault {
		if s.Value == "" {
			w.con.warn("secret %s of [db.vault] is not stored: %s", s.Name, s.Why)
			continue
		}
		secrets = append(secrets, s)
	}
	if len(secrets) == 0 {
		return nil
	}
	names := make([]string, len(secrets))
	for i, s := range secrets {
		names[i] = s.Name
	}
	w.con.say("Updating vault secrets...")
	err := w.session.PutSecrets(ctx, secrets)
	switch {
	case errors.Is(err, migrate.ErrNoVault):
		w.con.warn("secrets of [db.vault] are not stored: %s: %s", strings.Join(names, ", "), err)
		return nil
	case err != nil:
		return fmt.Errorf("storing the secrets of [db.vault] in the vault: %w\nhint: no migration was applied", supabase.Redact(err))
	}
	return nil
}
