-- Each statement follows a line "--: name" and is prepared once.

--: claim
UPDATE shard
SET epoch = epoch + 1, generation = (SELECT generation FROM site), owner = $owner, last_batch = 0,
    lease_until = now_ticks() + $lease
WHERE id = $shard AND (lease_until <= now_ticks() OR owner = $owner)
RETURNING generation, epoch;

--: renew
UPDATE shard SET lease_until = now_ticks() + $lease
WHERE id = $shard AND generation = $generation AND epoch = $epoch AND owner = $owner;

--: release
UPDATE shard SET lease_until = 0
WHERE id = $shard AND generation = $generation AND epoch = $epoch AND owner = $owner;

--: last-batch
SELECT last_batch FROM shard
WHERE id = $shard AND generation = $generation AND epoch = $epoch AND owner = $owner;

--: fence
UPDATE shard SET last_batch = $batch
WHERE id = $shard AND generation = $generation AND epoch = $epoch AND owner = $owner AND last_batch = $batch - 1;

--: consume
DELETE FROM inbox WHERE id = $id AND shard = $shard;

--: end-effect
DELETE FROM effect WHERE actor = $actor AND id = $id AND turn_id = $turn;

--: end-timer
DELETE FROM timer WHERE actor = $actor AND timer = $timer AND id = $id;

--: add-event
INSERT INTO event (actor, seq, name, json, principal, turn_id, at, generation, epoch)
SELECT $actor, $seq, $name, $json, $principal, $turn, $at, $generation, $epoch
WHERE $seq = 1 OR EXISTS (SELECT 1 FROM event WHERE actor = $actor AND seq = $seq - 1);

--: send
INSERT INTO inbox (shard, id, receiver, sender, name, json, principal)
VALUES ($shard, $id, $receiver, $sender, $name, $json, $principal);

--: set-timer
INSERT INTO timer (shard, actor, timer, id, due, name, json, principal)
VALUES ($shard, $actor, $timer, $id, $due, $name, $json, $principal);

--: start-effect
INSERT INTO effect (shard, actor, id, kind, name, json, turn_id, principal)
VALUES ($shard, $actor, $id, $kind, $name, $json, $turn, $principal);

--: keep-result
INSERT INTO result (actor, principal, key, body_hash, name, json, at)
VALUES ($actor, $principal, $key, $hash, $name, $json, $at);

--: add-dead-letter
INSERT INTO dead_letter (id, actor, sender, name, json, principal, reason, at)
VALUES ($id, $actor, $sender, $name, $json, $principal, $reason, $at);

--: set-snapshot
INSERT INTO snapshot (actor, seq, schema, json) VALUES ($actor, $seq, $schema, $json)
ON CONFLICT (actor) DO UPDATE SET seq = excluded.seq, schema = excluded.schema, json = excluded.json;

--: load-inbox
SELECT id, receiver, sender, name, json, principal FROM inbox WHERE shard = $shard ORDER BY place;

--: load-timers
SELECT actor, timer, id, due, name, json, principal FROM timer WHERE shard = $shard ORDER BY due, actor, timer;

--: load-effects
SELECT actor, id, kind, name, json, turn_id, principal FROM effect WHERE shard = $shard ORDER BY actor, id;

--: load-snapshot
SELECT seq, schema, json FROM snapshot WHERE actor = $actor AND schema = $schema;

--: load-events
SELECT actor, seq, name, json, principal, turn_id, at FROM event WHERE actor = $actor AND seq > $seq ORDER BY seq;

--: find-result
SELECT body_hash, name, json, at FROM result WHERE actor = $actor AND principal = $principal AND key = $key;

--: forget-results
DELETE FROM result WHERE at < $before;

--: read-journal
SELECT actor, seq, name, json, principal, turn_id, at, position, generation, epoch FROM event
WHERE position > $after ORDER BY position LIMIT $max;

--: read-dead-letters
SELECT id, actor, sender, name, json, principal, reason, at FROM dead_letter ORDER BY number DESC LIMIT $max;

--: disown-all
UPDATE shard SET owner = '', lease_until = 0;

--: raise-generation
UPDATE site SET generation = generation + 1 RETURNING generation;

--: end-leases
UPDATE shard SET lease_until = 0;

--: add-site
INSERT INTO site (id, generation, shards) VALUES (1, 1, $shards) ON CONFLICT DO NOTHING;

--: add-shard
INSERT INTO shard (id, generation, epoch, owner, last_batch, lease_until) VALUES ($shard, 1, 0, '', 0, 0)
ON CONFLICT DO NOTHING;

--: count-shards
SELECT shards FROM site;
