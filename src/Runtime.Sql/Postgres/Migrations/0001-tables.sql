-- All that one site's servers share. Times are UTC ticks of 100 ns since year 1. Actors are stored as kind/id. JSON over
-- 4 Mi characters is a data error. Message rows are only inserted and deleted, never updated: dead rows are cheap then.
CREATE SCHEMA vio;
SET LOCAL search_path = vio;

-- The one clock that compares leases: the wall clock at the moment of the call, also after a wait for a lock.
CREATE FUNCTION now_ticks() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT (extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 621355968000000000 $$;

CREATE TABLE site (
  id int PRIMARY KEY CHECK (id = 1),
  generation bigint NOT NULL,
  shards int NOT NULL,
  -- The journal's last position. Every commit with events takes its numbers here and keeps the row locked until its end,
  -- so positions have no gaps and become visible in their order, which a sequence does not promise.
  position bigint NOT NULL DEFAULT 0,
  -- Where PostgreSQL itself says this database lives: another timeline or cluster means a promotion or a restore.
  cluster text NOT NULL DEFAULT ''
) WITH (fillfactor = 20);

CREATE TABLE shard (
  id int PRIMARY KEY,
  generation bigint NOT NULL,
  epoch bigint NOT NULL,
  owner text NOT NULL,
  last_batch bigint NOT NULL,
  lease_until bigint NOT NULL
) WITH (fillfactor = 20);

CREATE TABLE event (
  position bigint PRIMARY KEY,
  actor text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  name text NOT NULL,
  json text NOT NULL CHECK (length(json) <= 4194304),
  principal text NOT NULL,
  turn_id text NOT NULL,
  at bigint NOT NULL,
  generation bigint NOT NULL,
  epoch bigint NOT NULL,
  -- The second fence, independent of the tokens.
  UNIQUE (actor, seq)
);

CREATE TABLE inbox (
  place bigint GENERATED ALWAYS AS IDENTITY,
  shard int NOT NULL,
  id text COLLATE "C" PRIMARY KEY,
  receiver text NOT NULL,
  sender text,
  name text NOT NULL,
  json text NOT NULL CHECK (length(json) <= 4194304),
  principal text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX inbox_of_shard ON inbox (shard, place);

CREATE TABLE timer (
  shard int NOT NULL,
  actor text COLLATE "C" NOT NULL,
  timer text COLLATE "C" NOT NULL,
  id text NOT NULL,
  due bigint NOT NULL,
  name text NOT NULL,
  json text NOT NULL CHECK (length(json) <= 4194304),
  principal text NOT NULL,
  PRIMARY KEY (actor, timer)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX timer_of_shard ON timer (shard);

CREATE TABLE effect (
  shard int NOT NULL,
  actor text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  json text NOT NULL CHECK (length(json) <= 4194304),
  turn_id text NOT NULL,
  principal text NOT NULL,
  PRIMARY KEY (actor, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX effect_of_shard ON effect (shard);

CREATE TABLE result (
  actor text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  body_hash text NOT NULL,
  name text,
  json text CHECK (length(json) <= 4194304),
  at bigint NOT NULL,
  PRIMARY KEY (actor, principal, key)
);
CREATE INDEX result_by_age ON result (at);

CREATE TABLE snapshot (
  actor text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL,
  schema text NOT NULL,
  json text NOT NULL
);

CREATE TABLE dead_letter (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL,
  actor text NOT NULL,
  sender text,
  name text NOT NULL,
  json text NOT NULL CHECK (length(json) <= 4194304),
  principal text NOT NULL,
  reason text NOT NULL,
  at bigint NOT NULL
);
