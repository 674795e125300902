-- schema/experiments.sql:3
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

-- schema/audit_logs.sql:3
CREATE TABLE audit_logs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    experiment_id uuid REFERENCES experiments (id) ON DELETE CASCADE,
    user_id uuid,
    action text NOT NULL CHECK (action IN ('INSERT', 'UPDATE', 'DELETE')),
    table_name text NOT NULL,
    row_data jsonb,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- schema/audit_logs.sql:15
CREATE INDEX audit_logs_experiment_id_created_at_idx ON audit_logs (experiment_id, created_at DESC);

-- schema/audit_logs.sql:16
CREATE INDEX audit_logs_user_id_idx ON audit_logs (user_id);

-- schema/audit_logs.sql:20
CREATE POLICY "Users can view own audit logs" ON audit_logs
    FOR SELECT TO authenticated
    USING (auth.uid() = user_id OR EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

-- schema/audit_logs.sql:26
CREATE POLICY "Nobody creates audit logs by hand" ON audit_logs
    FOR INSERT TO authenticated
    WITH CHECK (false);

-- schema/audit_logs.sql:30
CREATE POLICY "Nobody updates audit logs" ON audit_logs
    FOR UPDATE TO authenticated
    USING (false);

-- schema/audit_logs.sql:34
CREATE POLICY "Nobody deletes audit logs" ON audit_logs
    FOR DELETE TO authenticated
    USING (false);

-- schema/audit_logs.sql:18
ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.audit_logs FROM anon;

-- schema/audit_logs.sql:13
COMMENT ON TABLE audit_logs IS 'Changes of experiments, written by the trigger experiments_audit';

-- schema/experiments.sql:21
CREATE INDEX experiments_user_id_created_at_idx ON experiments (user_id, created_at DESC);

-- schema/experiments.sql:22
CREATE INDEX experiments_public_idx ON experiments (created_at DESC) WHERE is_public;

-- schema/experiments.sql:23
CREATE INDEX experiments_species_idx ON experiments (lower(species));

-- schema/experiments.sql:24
CREATE INDEX experiments_metadata_idx ON experiments USING gin (metadata jsonb_path_ops);

-- schema/experiments.sql:25
CREATE INDEX experiments_tags_idx ON experiments USING gin (tags);

-- schema/experiments.sql:26
CREATE INDEX experiments_search_idx ON experiments
    USING gin (to_tsvector('english', name || ' ' || coalesce(description, '')));

-- schema/functions.sql:3
CREATE FUNCTION set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

-- schema/experiments.sql:48
CREATE TRIGGER experiments_set_updated_at
    BEFORE UPDATE ON experiments
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- schema/functions.sql:15
CREATE FUNCTION write_audit_log() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = ''
AS $$
DECLARE
    changed public.experiments := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    INSERT INTO public.audit_logs (experiment_id, user_id, action, table_name, row_data)
    VALUES (
        CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE changed.id END,
        auth.uid(), TG_OP, TG_TABLE_NAME, to_jsonb(changed)
    );
    RETURN NULL;
END;
$$;

-- schema/experiments.sql:52
CREATE TRIGGER experiments_audit
    AFTER INSERT OR UPDATE OR DELETE ON experiments
    FOR EACH ROW EXECUTE FUNCTION write_audit_log();

-- schema/experiments.sql:31
CREATE POLICY "Users can view own experiments" ON experiments
    FOR SELECT TO authenticated
    USING (auth.uid() = user_id OR is_public);

-- schema/experiments.sql:35
CREATE POLICY "Users can create own experiments" ON experiments
    FOR INSERT TO authenticated
    WITH CHECK (auth.uid() = user_id);

-- schema/experiments.sql:39
CREATE POLICY "Users can update own experiments" ON experiments
    FOR UPDATE TO authenticated
    USING (auth.uid() = user_id)
    WITH CHECK (auth.uid() = user_id);

-- schema/experiments.sql:44
CREATE POLICY "Users can delete own experiments" ON experiments
    FOR DELETE TO authenticated
    USING (auth.uid() = user_id);

-- schema/experiments.sql:29
ALTER TABLE experiments ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.experiments FROM anon;

-- schema/experiments.sql:17
COMMENT ON TABLE experiments IS 'A plant-phenotyping experiment, owned by one user';

-- schema/experiments.sql:18
COMMENT ON COLUMN experiments.metadata IS 'Growth conditions and whatever else the lab records, as JSON';

-- schema/experiments.sql:19
COMMENT ON COLUMN experiments.is_public IS 'Everybody who is signed in may read it';

-- schema/trials.sql:3
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

-- schema/videos.sql:3
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

-- schema/frames.sql:3
CREATE TABLE frames (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    trial_id uuid REFERENCES trials (id) ON DELETE SET NULL,
    frame_number integer NOT NULL CHECK (frame_number >= 0),
    captured_at timestamptz,
    traits jsonb NOT NULL DEFAULT '{}'::jsonb,
    leaf_area_mm2 numeric GENERATED ALWAYS AS ((traits ->> 'leaf_area_mm2')::numeric) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (video_id, frame_number)
);

-- schema/frames.sql:18
CREATE INDEX frames_trial_id_idx ON frames (trial_id) WHERE trial_id IS NOT NULL;

-- schema/frames.sql:19
CREATE INDEX frames_traits_idx ON frames USING gin (traits);

-- schema/frames.sql:23
CREATE POLICY "Users can view own frames" ON frames
    FOR SELECT TO authenticated
    USING (EXISTS (
        SELECT 1
        FROM videos v
        JOIN experiments e ON e.id = v.experiment_id
        WHERE v.id = frames.video_id AND (e.user_id = auth.uid() OR e.is_public)
    ));

-- schema/frames.sql:32
CREATE POLICY "Users can create own frames" ON frames
    FOR INSERT TO authenticated
    WITH CHECK (EXISTS (
        SELECT 1
        FROM videos v
        JOIN experiments e ON e.id = v.experiment_id
        WHERE v.id = video_id AND e.user_id = auth.uid()
    ));

-- schema/frames.sql:41
CREATE POLICY "Users can update own frames" ON frames
    FOR UPDATE TO authenticated
    USING (EXISTS (
        SELECT 1
        FROM videos v
        JOIN experiments e ON e.id = v.experiment_id
        WHERE v.id = video_id AND e.user_id = auth.uid()
    ));

-- schema/frames.sql:50
CREATE POLICY "Users can delete own frames" ON frames
    FOR DELETE TO authenticated
    USING (EXISTS (
        SELECT 1
        FROM videos v
        JOIN experiments e ON e.id = v.experiment_id
        WHERE v.id = video_id AND e.user_id = auth.uid()
    ));

-- schema/frames.sql:21
ALTER TABLE frames ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.frames FROM anon;

-- schema/frames.sql:15
COMMENT ON TABLE frames IS 'One picture of a video';

-- schema/frames.sql:16
COMMENT ON COLUMN frames.traits IS 'Measured traits by name';

-- schema/trials.sql:19
ALTER TABLE trials
    ADD CONSTRAINT trials_experiment_id_fkey
    FOREIGN KEY (experiment_id) REFERENCES experiments (id) ON DELETE CASCADE;

-- schema/trials.sql:25
CREATE INDEX trials_running_idx ON trials (started_at) WHERE status = 'running';

-- schema/trials.sql:54
CREATE TRIGGER trials_set_updated_at
    BEFORE UPDATE ON trials
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- schema/trials.sql:29
CREATE POLICY "Users can view own trials" ON trials
    FOR SELECT TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e
        WHERE e.id = trials.experiment_id AND (e.user_id = auth.uid() OR e.is_public)
    ));

-- schema/trials.sql:36
CREATE POLICY "Users can create own trials" ON trials
    FOR INSERT TO authenticated
    WITH CHECK (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

-- schema/trials.sql:42
CREATE POLICY "Users can update own trials" ON trials
    FOR UPDATE TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

-- schema/trials.sql:48
CREATE POLICY "Users can delete own trials" ON trials
    FOR DELETE TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

-- schema/trials.sql:27
ALTER TABLE trials ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.trials FROM anon;

-- schema/trials.sql:23
COMMENT ON TABLE trials IS 'One run of an experiment with one treatment';

-- schema/videos.sql:20
CREATE INDEX videos_experiment_id_recorded_at_idx ON videos (experiment_id, recorded_at);

-- schema/videos.sql:21
CREATE INDEX videos_unfinished_idx ON videos (created_at) WHERE status IN ('uploaded', 'processing');

-- schema/videos.sql:50
CREATE TRIGGER videos_set_updated_at
    BEFORE UPDATE ON videos
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- schema/videos.sql:25
CREATE POLICY "Users can view own videos" ON videos
    FOR SELECT TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e
        WHERE e.id = videos.experiment_id AND (e.user_id = auth.uid() OR e.is_public)
    ));

-- schema/videos.sql:32
CREATE POLICY "Users can create own videos" ON videos
    FOR INSERT TO authenticated
    WITH CHECK (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

-- schema/videos.sql:38
CREATE POLICY "Users can update own videos" ON videos
    FOR UPDATE TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

-- schema/videos.sql:44
CREATE POLICY "Users can delete own videos" ON videos
    FOR DELETE TO authenticated
    USING (EXISTS (
        SELECT 1 FROM experiments e WHERE e.id = experiment_id AND e.user_id = auth.uid()
    ));

-- schema/videos.sql:23
ALTER TABLE videos ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.videos FROM anon;

-- schema/videos.sql:17
COMMENT ON TABLE videos IS 'A recording that belongs to an experiment';

-- schema/videos.sql:18
COMMENT ON COLUMN videos.storage_path IS 'Object name in the bucket "videos"';

-- schema/functions.sql:13
COMMENT ON FUNCTION set_updated_at() IS 'Keeps updated_at true; for BEFORE UPDATE triggers';

REVOKE EXECUTE ON FUNCTION public.write_audit_log() FROM PUBLIC;

-- schema/views.sql:3
CREATE VIEW experiment_overview WITH (security_invoker = true) AS
SELECT
    e.id,
    e.name,
    e.species,
    e.is_public,
    count(DISTINCT v.id) AS videos,
    count(DISTINCT t.id) AS trials,
    max(v.recorded_at) AS last_recorded_at
FROM experiments e
LEFT JOIN videos v ON v.experiment_id = e.id
LEFT JOIN trials t ON t.experiment_id = e.id
GROUP BY e.id;

REVOKE ALL ON TABLE public.experiment_overview FROM anon;

-- schema/views.sql:17
COMMENT ON VIEW experiment_overview IS 'One line an experiment, for the start page';
