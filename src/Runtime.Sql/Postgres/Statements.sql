-- What differs from the embedded database: several connections, and more than one server.

-- Shards are locked in the order of their numbers, as commits do.
--: claim
UPDATE shard
SET epoch = epoch + 1, generation = (SELECT generation FROM site), owner = @owner, last_batch = 0,
    lease_until = now_ticks() + @lease
FROM (
  SELECT id FROM shard
  WHERE id = ANY (@shards) AND (lease_until <= now_ticks() OR owner = @owner OR is_gone(owner))
  ORDER BY id FOR UPDATE) AS free
WHERE shard.id = free.id
RETURNING shard.id, generation, epoch;

--: renew
UPDATE shard SET lease_until = now_ticks() + @lease
FROM (
  SELECT shard.id FROM shard JOIN unnest(@shards, @generations, @epochs, @owners) AS t (id, generation, epoch, owner)
  ON shard.id = t.id AND shard.generation = t.generation AND shard.epoch = t.epoch AND shard.owner = t.owner
  ORDER BY shard.id FOR UPDATE OF shard) AS ours
WHERE shard.id = ours.id
RETURNING shard.id;

--: load-inbox
SELECT shard, id, receiver, sender, name, json, principal FROM inbox WHERE shard = ANY (@shards) ORDER BY place;

--: load-timers
SELECT shard, actor, timer, id, due, name, json, principal FROM timer WHERE shard = ANY (@shards) ORDER BY due, actor, timer;

--: load-effects
SELECT shard, actor, id, kind, name, json, turn_id, principal FROM effect WHERE shard = ANY (@shards) ORDER BY actor, id;

--: meet
INSERT INTO server (incarnation, name, address, draining, rates, since, seen_until, session_pid, session_start)
SELECT @incarnation, @name, @address, @draining, @rates, now_ticks(), now_ticks() + @lease, pid, backend_start
FROM pg_stat_activity WHERE pid = pg_backend_pid()
ON CONFLICT (incarnation) DO UPDATE SET address = excluded.address, draining = excluded.draining,
  rates = excluded.rates, seen_until = excluded.seen_until, session_pid = excluded.session_pid, session_start = excluded.session_start;

--: forget-servers
DELETE FROM server WHERE seen_until < now_ticks() - 36000000000;

-- OFFSET keeps the inner queries apart, so that each actor is found by index, whatever the planner believes of the tables.
--: load-actors
SELECT w.place, s.seq, s.schema, s.json, NULL, NULL, NULL
FROM unnest(@actors, @schemas) WITH ORDINALITY AS w (actor, schema, place),
  LATERAL (SELECT * FROM snapshot WHERE snapshot.actor = w.actor AND snapshot.schema = w.schema OFFSET 0) AS s
UNION ALL
SELECT w.place, e.seq, e.name, e.json, e.principal, e.turn_id, e.at
FROM unnest(@actors, @schemas) WITH ORDINALITY AS w (actor, schema, place),
  LATERAL (SELECT * FROM event WHERE event.actor = w.actor AND event.seq > coalesce(
    (SELECT snapshot.seq FROM snapshot WHERE snapshot.actor = w.actor AND snapshot.schema = w.schema), 0)
    OFFSET 0) AS e
ORDER BY 1, 2;
