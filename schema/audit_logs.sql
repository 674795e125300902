-- Audit logs: who changed what. Written by a trigger, read by its user, changed by nobody else.

CREATE TABLE audit_logs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    experiment_id uuid REFERENCES experiments (id) ON DELETE CASCADE,
    user_id uuid,
    action text NOT NULL CHECK (action IN ('INSERT', 'UPDATE', 'DELETE')),
    table_name text NOT NULL,
    row_data jsonb,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE audit_logs IS 'Changes of experiments, written by the trigger experiments_audit';

CREATE INDEX audit_logs_experiment_id_created_at_idx ON audit_logs (experiment_id, created_at DESC);
CREATE INDEX audit_logs_user_id_idx ON audit_logs (user_id);

ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY;

CREATE POLICY "Users can view own audit logs" ON audit_logs
    FOR SELECT TO authenticated
    USING (auth.uid() = user_id OR EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

CREATE POLICY "Nobody creates audit logs by hand" ON audit_logs
    FOR INSERT TO authenticated
    WITH CHECK (false);

CREATE POLICY "Nobody updates audit logs" ON audit_logs
    FOR UPDATE TO authenticated
    USING (false);

CREATE POLICY "Nobody deletes audit logs" ON audit_logs
    FOR DELETE TO authenticated
    USING (false);

GRANT SELECT ON audit_logs TO authenticated;
REVOKE ALL ON audit_logs FROM anon;
