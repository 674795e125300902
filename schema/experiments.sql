-- Experiments: what a researcher grows, under which conditions, and who may see it.

CREATE TABLE experiments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    description text,
    species text NOT NULL,
    is_public boolean NOT NULL DEFAULT false,
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    tags text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT experiments_user_id_name_key UNIQUE (user_id, name)
);

COMMENT ON TABLE experiments IS 'A plant-phenotyping experiment, owned by one user';
COMMENT ON COLUMN experiments.metadata IS 'Growth conditions and whatever else the lab records, as JSON';
COMMENT ON COLUMN experiments.is_public IS 'Everybody who is signed in may read it';

CREATE INDEX experiments_user_id_created_at_idx ON experiments (user_id, created_at DESC);
CREATE INDEX experiments_public_idx ON experiments (created_at DESC) WHERE is_public;
CREATE INDEX experiments_species_idx ON experiments (lower(species));
CREATE INDEX experiments_metadata_idx ON experiments USING gin (metadata jsonb_path_ops);
CREATE INDEX experiments_tags_idx ON experiments USING gin (tags);
CREATE INDEX experiments_search_idx ON experiments
    USING gin (to_tsvector('english', name || ' ' || coalesce(description, '')));

ALTER TABLE experiments ENABLE ROW LEVEL SECURITY;

CREATE POLICY "Users can view own experiments" ON experiments
    FOR SELECT TO authenticated
    USING (auth.uid() = user_id OR is_public);

CREATE POLICY "Users can create own experiments" ON experiments
    FOR INSERT TO authenticated
    WITH CHECK (auth.uid() = user_id);

CREATE POLICY "Users can update own experiments" ON experiments
    FOR UPDATE TO authenticated
    USING (auth.uid() = user_id)
    WITH CHECK (auth.uid() = user_id);

CREATE POLICY "Users can delete own experiments" ON experiments
    FOR DELETE TO authenticated
    USING (auth.uid() = user_id);

CREATE TRIGGER experiments_set_updated_at
    BEFORE UPDATE ON experiments
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE TRIGGER experiments_audit
    AFTER INSERT OR UPDATE OR DELETE ON experiments
    FOR EACH ROW EXECUTE FUNCTION write_audit_log();

GRANT SELECT, INSERT, UPDATE, DELETE ON experiments TO authenticated;
REVOKE ALL ON experiments FROM anon;
