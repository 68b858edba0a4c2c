-- Who serves. A server keeps one session open for as long as it lives: when its process dies, PostgreSQL ends the session
-- at once, and the others need not wait for the leases. Taking over too early is safe, for the fence decides.
SET LOCAL search_path = vio;

CREATE TABLE server (
  incarnation text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  address text NOT NULL,
  draining boolean NOT NULL,
  since bigint NOT NULL,
  seen_until bigint NOT NULL,
  session_pid int NOT NULL,
  session_start timestamptz NOT NULL
) WITH (fillfactor = 20);

CREATE FUNCTION is_gone(who text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM server WHERE incarnation = who AND NOT EXISTS (
      SELECT 1 FROM pg_stat_get_activity(session_pid) a WHERE a.backend_start = session_start))
$$;
