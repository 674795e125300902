-- Functions that triggers call.

CREATE FUNCTION set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION set_updated_at() IS 'Keeps updated_at true; for BEFORE UPDATE triggers';

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

REVOKE ALL ON FUNCTION write_audit_log() FROM PUBLIC;
