-- Videos: recordings of an experiment, kept in storage.

CREATE TABLE videos (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    experiment_id uuid NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    storage_path text NOT NULL UNIQUE,
    status text NOT NULL DEFAULT 'uploaded'
        CHECK (status IN ('uploaded', 'processing', 'ready', 'failed')),
    duration_seconds numeric(10, 3) CHECK (duration_seconds >= 0),
    frame_rate numeric(6, 3) CHECK (frame_rate > 0),
    recorded_at timestamptz,
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE videos IS 'A recording that belongs to an experiment';
COMMENT ON COLUMN videos.storage_path IS 'Object name in the bucket "videos"';

CREATE INDEX videos_experiment_id_recorded_at_idx ON videos (experiment_id, recorded_at);
CREATE INDEX videos_unfinished_idx ON videos (created_at) WHERE status IN ('uploaded', 'processing');

ALTER TABLE videos ENABLE ROW LEVEL SECURITY;

CREATE POLICY "Users can view own videos" ON videos
    FOR SELECT TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e
        WHERE e.id = videos.experiment_id AND (e.user_id = auth.uid() OR e.is_public)
    ));

CREATE POLICY "Users can create own videos" ON videos
    FOR INSERT TO authenticated
    WITH CHECK (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

CREATE POLICY "Users can update own videos" ON videos
    FOR UPDATE TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

CREATE POLICY "Users can delete own videos" ON videos
    FOR DELETE TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

CREATE TRIGGER videos_set_updated_at
    BEFORE UPDATE ON videos
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

GRANT SELECT, INSERT, UPDATE, DELETE ON videos TO authenticated;
REVOKE ALL ON videos FROM anon;
