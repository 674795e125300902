#!/usr/bin/env bash
# The main job, start to end: an existing project, an edit of schema/*.sql, the
# migration that bloom writes for it, applied and proven. Run by `make demo`.
set -euo pipefail
bloom=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
repo=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
port=${BLOOM_DEMO_PORT:-54329}

step() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
cleanup() { "$bloom" --workdir "$work" --quiet stop --reset >/dev/null 2>&1 || true; rm -rf "$work"; }
trap cleanup EXIT

step "A scratch copy of this repository's project"
chmod 755 "$work"
cp -r "$repo/schema" "$repo/supabase" "$work"
rm -rf "$work/supabase/.bloom" "$work/supabase/server" "$work"/supabase/*.go
sed -i.orig "s/^port = .*/port = $port/" "$work/supabase/config.toml"
ls "$work/schema" "$work/supabase/migrations"

step "bloom start: a real PostgreSQL on port $port, without Docker"
"$bloom" --workdir "$work" start

step "The migrations so far"
"$bloom" --workdir "$work" db query --file "$work"/supabase/migrations/*.sql
"$bloom" --workdir "$work" db query --file "$work/supabase/seed.sql"

step "bloom diff: the database is what the files declare"
"$bloom" --workdir "$work" diff

step "Edit schema/experiments.sql: a status column with a check, an index, a wider policy, a comment"
awk '
  /is_public boolean/ { print; print "    status text NOT NULL DEFAULT '\''draft'\'' CHECK (status IN ('\''draft'\'', '\''running'\'', '\''done'\'')),"; next }
  { print }
  END {
    print "\nCREATE INDEX experiments_status_idx ON experiments (status) WHERE status <> '\''done'\'';"
    print "COMMENT ON COLUMN experiments.status IS '\''Where the experiment stands'\'';"
    print "\nCREATE POLICY \"Users can view finished public experiments\" ON experiments"
    print "    FOR SELECT TO anon"
    print "    USING (is_public AND status = '\''done'\'');"
  }' "$repo/schema/experiments.sql" > "$work/schema/experiments.sql"
diff "$repo/schema/experiments.sql" "$work/schema/experiments.sql" || true

step "bloom diff -f add_status_to_experiments"
"$bloom" --workdir "$work" diff -f add_status_to_experiments
file=$(ls "$work"/supabase/migrations/*_add_status_to_experiments.sql)
cat "$file"

step "Apply it"
"$bloom" --workdir "$work" db query --file "$file"

step "bloom diff again: nothing left to do"
"$bloom" --workdir "$work" diff --exit-code

step "A row"
"$bloom" --workdir "$work" db query "INSERT INTO experiments (user_id, name, species)
  SELECT id, 'Shade avoidance', 'Arabidopsis thaliana' FROM auth.users LIMIT 1
  RETURNING name, status"

step "bloom stop"
"$bloom" --workdir "$work" stop
