-- Times are UTC ticks of 100 ns since year 1. Actors are stored as kind/id. JSON over 4 Mi characters is a data error.
CREATE TABLE site (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  generation INTEGER NOT NULL,
  shards INTEGER NOT NULL
) STRICT;

CREATE TABLE shard (
  id INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  owner TEXT NOT NULL,
  last_batch INTEGER NOT NULL,
  lease_until INTEGER NOT NULL
) STRICT;

-- One connection writes, so positions become visible in their order. UNIQUE is the second fence. Never deleted from.
CREATE TABLE event (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  actor TEXT NOT NULL,
  seq INTEGER NOT NULL,
  name TEXT NOT NULL,
  json TEXT NOT NULL CHECK (length(json) <= 4194304),
  principal TEXT NOT NULL,
  turn_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  UNIQUE (actor, seq)
) STRICT;

-- AUTOINCREMENT: a place is never used again, so the order of places is the order of sending.
CREATE TABLE inbox (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  shard INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  receiver TEXT NOT NULL,
  sender TEXT,
  name TEXT NOT NULL,
  json TEXT NOT NULL CHECK (length(json) <= 4194304),
  principal TEXT NOT NULL
) STRICT;
CREATE INDEX inbox_of_shard ON inbox (shard, place);

CREATE TABLE timer (
  shard INTEGER NOT NULL,
  actor TEXT NOT NULL,
  timer TEXT NOT NULL,
  id TEXT NOT NULL,
  due INTEGER NOT NULL,
  name TEXT NOT NULL,
  json TEXT NOT NULL CHECK (length(json) <= 4194304),
  principal TEXT NOT NULL,
  PRIMARY KEY (actor, timer)
) STRICT, WITHOUT ROWID;

CREATE TABLE effect (
  shard INTEGER NOT NULL,
  actor TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  json TEXT NOT NULL CHECK (length(json) <= 4194304),
  turn_id TEXT NOT NULL,
  principal TEXT NOT NULL,
  PRIMARY KEY (actor, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE result (
  actor TEXT NOT NULL,
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  name TEXT,
  json TEXT CHECK (length(json) <= 4194304),
  at INTEGER NOT NULL,
  PRIMARY KEY (actor, principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_by_age ON result (at);

CREATE TABLE snapshot (
  actor TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  schema TEXT NOT NULL,
  json TEXT NOT NULL
) STRICT;

CREATE TABLE dead_letter (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  actor TEXT NOT NULL,
  sender TEXT,
  name TEXT NOT NULL,
  json TEXT NOT NULL CHECK (length(json) <= 4194304),
  principal TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
