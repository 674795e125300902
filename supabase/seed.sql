-- A user with one experiment, for local development.

INSERT INTO auth.users (id, email)
VALUES ('00000000-0000-4000-8000-000000000001', 'grower@example.org')
ON CONFLICT DO NOTHING;

INSERT INTO public.experiments (id, user_id, name, species, description)
VALUES (
    '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001',
    'Drought response', 'Arabidopsis thaliana', 'Rosettes under three levels of watering'
)
ON CONFLICT DO NOTHING;

INSERT INTO public.videos (experiment_id, storage_path, status)
VALUES ('00000000-0000-4000-8000-000000000002', 'drought/rosettes-01.mp4', 'ready')
ON CONFLICT DO NOTHING;
