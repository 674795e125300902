-- Views read with the rights of who reads them.

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

COMMENT ON VIEW experiment_overview IS 'One line an experiment, for the start page';

GRANT SELECT ON experiment_overview TO authenticated;
REVOKE ALL ON experiment_overview FROM anon;
