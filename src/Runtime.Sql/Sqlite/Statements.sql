-- The writes of a batch, row by row, and what only an embedded database needs. Each is prepared once.

--: fence
UPDATE shard SET last_batch = @batch
WHERE id = @shard AND generation = @generation AND epoch = @epoch AND owner = @owner AND last_batch = @batch - 1;

--: consume
DELETE FROM inbox WHERE id = @id AND shard = @shard;

--: end-effect
DELETE FROM effect WHERE actor = @actor AND id = @id AND turn_id = @turn;

--: end-timer
DELETE FROM timer WHERE actor = @actor AND timer = @timer AND id = @id;

--: add-event
INSERT INTO event (actor, seq, name, json, principal, turn_id, at, generation, epoch)
SELECT @actor, @seq, @name, @json, @principal, @turn, @at, @generation, @epoch
WHERE @seq = 1 OR EXISTS (SELECT 1 FROM event WHERE actor = @actor AND seq = @seq - 1);

--: set-timer
INSERT INTO timer (shard, actor, timer, id, due, name, json, principal)
VALUES (@shard, @actor, @timer, @id, @due, @name, @json, @principal);

--: start-effect
INSERT INTO effect (shard, actor, id, kind, name, json, turn_id, principal)
VALUES (@shard, @actor, @id, @kind, @name, @json, @turn, @principal);

--: keep-result
INSERT INTO result (actor, principal, key, body_hash, name, json, at)
VALUES (@actor, @principal, @key, @hash, @name, @json, @at);

--: add-dead-letter
INSERT INTO dead_letter (id, actor, sender, name, json, principal, reason, at)
VALUES (@id, @actor, @sender, @name, @json, @principal, @reason, @at);

--: set-snapshot
INSERT INTO snapshot (actor, seq, schema, json) VALUES (@actor, @seq, @schema, @json)
ON CONFLICT (actor) DO UPDATE SET seq = excluded.seq, schema = excluded.schema, json = excluded.json;

--: claim
UPDATE shard
SET epoch = epoch + 1, generation = (SELECT generation FROM site), owner = @owner, last_batch = 0,
    lease_until = now_ticks() + @lease
WHERE id IN (SELECT value FROM json_each(@shards)) AND (lease_until <= now_ticks() OR owner = @owner OR is_gone(owner))
RETURNING id, generation, epoch;

--: load-inbox
SELECT shard, id, receiver, sender, name, json, principal FROM inbox WHERE shard IN (SELECT value FROM json_each(@shards)) ORDER BY place;

--: load-timers
SELECT shard, actor, timer, id, due, name, json, principal FROM timer WHERE shard IN (SELECT value FROM json_each(@shards)) ORDER BY due, actor, timer;

--: load-effects
SELECT shard, actor, id, kind, name, json, turn_id, principal FROM effect WHERE shard IN (SELECT value FROM json_each(@shards)) ORDER BY actor, id;

--: load-actor
SELECT 0, seq, schema, json, NULL, NULL, NULL FROM snapshot WHERE actor = @actor AND schema = @schema
UNION ALL
SELECT 0, seq, name, json, principal, turn_id, at FROM event
WHERE actor = @actor AND seq > coalesce((SELECT seq FROM snapshot WHERE actor = @actor AND schema = @schema), 0)
ORDER BY seq;

--: end-leases
UPDATE shard SET lease_until = 0;

--: renew
UPDATE shard SET lease_until = now_ticks() + @lease
WHERE id = @shard AND generation = @generation AND epoch = @epoch AND owner = @owner;

--: meet
INSERT INTO server (incarnation, name, address, draining, rates, since, seen_until)
VALUES (@incarnation, @name, @address, @draining, @rates, now_ticks(), now_ticks() + @lease)
ON CONFLICT (incarnation) DO UPDATE SET address = excluded.address, draining = excluded.draining,
  rates = excluded.rates, seen_until = excluded.seen_until;

--: end-servers
DELETE FROM server;
