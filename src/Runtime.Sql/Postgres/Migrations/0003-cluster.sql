-- Notices a promotion or a restored cluster at the next connection: raises the generation, so that every token handed out
-- before, which the old primary may have confirmed differently, is stale. Returns true when it did.
SET LOCAL search_path = vio;

CREATE FUNCTION note_cluster() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  here text := (SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8);
BEGIN
  IF EXISTS (SELECT 1 FROM site WHERE cluster = here) THEN
    RETURN false;
  END IF;
  UPDATE shard SET owner = '', lease_until = 0 WHERE EXISTS (SELECT 1 FROM site WHERE cluster <> '');
  UPDATE site SET generation = generation + CASE WHEN cluster = '' THEN 0 ELSE 1 END, cluster = here
  WHERE cluster <> here;
  RETURN FOUND;
END $$;
