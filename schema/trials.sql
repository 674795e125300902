-- Trials: one run of an experiment with one treatment.

CREATE TABLE trials (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    experiment_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    treatment text NOT NULL DEFAULT 'control',
    status text NOT NULL DEFAULT 'planned'
        CHECK (status IN ('planned', 'running', 'done', 'cancelled')),
    started_at timestamptz,
    ended_at timestamptz,
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT trials_ends_after_start CHECK (ended_at IS NULL OR ended_at >= started_at),
    CONSTRAINT trials_experiment_id_number_key UNIQUE (experiment_id, number)
);

ALTER TABLE trials
    ADD CONSTRAINT trials_experiment_id_fkey
    FOREIGN KEY (experiment_id) REFERENCES experiments (id) ON DELETE CASCADE;

COMMENT ON TABLE trials IS 'One run of an experiment with one treatment';

CREATE INDEX trials_running_idx ON trials (started_at) WHERE status = 'running';

ALTER TABLE trials ENABLE ROW LEVEL SECURITY;

CREATE POLICY "Users can view own trials" ON trials
    FOR SELECT TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e
        WHERE e.id = trials.experiment_id AND (e.user_id = auth.uid() OR e.is_public)
    ));

CREATE POLICY "Users can create own trials" ON trials
    FOR INSERT TO authenticated
    WITH CHECK (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

CREATE POLICY "Users can update own trials" ON trials
    FOR UPDATE TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

CREATE POLICY "Users can delete own trials" ON trials
    FOR DELETE TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

CREATE TRIGGER trials_set_updated_at
    BEFORE UPDATE ON trials
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

GRANT SELECT, INSERT, UPDATE, DELETE ON trials TO authenticated;
REVOKE ALL ON trials FROM anon;
