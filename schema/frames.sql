-- Frames: single pictures of a video, with the traits measured on them.

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

COMMENT ON TABLE frames IS 'One picture of a video';
COMMENT ON COLUMN frames.traits IS 'Measured traits by name';

CREATE INDEX frames_trial_id_idx ON frames (trial_id) WHERE trial_id IS NOT NULL;
CREATE INDEX frames_traits_idx ON frames USING gin (traits);

ALTER TABLE frames ENABLE ROW LEVEL SECURITY;

CREATE POLICY "Users can view own frames" ON frames
    FOR SELECT TO authenticated
    USING (EXISTS (
        SELECT 1
        FROM videos v
        JOIN experiments e ON e.id = v.experiment_id
        WHERE v.id = frames.video_id AND (e.user_id = auth.uid() OR e.is_public)
    ));

CREATE POLICY "Users can create own frames" ON frames
    FOR INSERT TO authenticated
    WITH CHECK (EXISTS (
        SELECT 1
        FROM videos v
        JOIN experiments e ON e.id = v.experiment_id
        WHERE v.id = video_id AND e.user_id = auth.uid()
    ));

CREATE POLICY "Users can update own frames" ON frames
    FOR UPDATE TO authenticated
    USING (EXISTS (
        SELECT 1
        FROM videos v
        JOIN experiments e ON e.id = v.experiment_id
        WHERE v.id = video_id AND e.user_id = auth.uid()
    ));

CREATE POLICY "Users can delete own frames" ON frames
    FOR DELETE TO authenticated
    USING (EXISTS (
        SELECT 1
        FROM videos v
        JOIN experiments e ON e.id = v.experiment_id
        WHERE v.id = video_id AND e.user_id = auth.uid()
    ));

GRANT SELECT, INSERT, UPDATE, DELETE ON frames TO authenticated;
REVOKE ALL ON frames FROM anon;
