-- Statements of both databases. Each follows a line "--: name"; parameters are @names.

--: servers
SELECT incarnation, name, address, draining, since, seen_until > now_ticks() AND NOT is_gone(incarnation), rates
FROM server ORDER BY since, incarnation;

--: leave
DELETE FROM server WHERE incarnation = @incarnation;

--: owners
SELECT id, owner, lease_until <= now_ticks() OR is_gone(owner) FROM shard ORDER BY id;

--: tokens
SELECT id, generation, epoch, owner FROM shard ORDER BY id;

--: resolve
UPDATE shard SET epoch = epoch + 1
WHERE id = @shard AND generation = @generation AND epoch = @epoch AND owner = @owner
RETURNING epoch, last_batch;

--: find-result
SELECT body_hash, name, json, at FROM result WHERE actor = @actor AND principal = @principal AND key = @key;

--: forget-results
DELETE FROM result WHERE at < @before;

--: read-journal
SELECT actor, seq, name, json, principal, turn_id, at, position, generation, epoch FROM event
WHERE position > @after ORDER BY position LIMIT @max;

--: read-dead-letters
SELECT id, actor, sender, name, json, principal, reason, at FROM dead_letter ORDER BY number DESC LIMIT @max;

--: send
INSERT INTO inbox (shard, id, receiver, sender, name, json, principal)
VALUES (@shard, @id, @receiver, @sender, @name, @json, @principal);

--: drop-dead-letter
DELETE FROM dead_letter WHERE id = @id;

--: disown
UPDATE shard SET owner = '', lease_until = 0 WHERE owner = @incarnation;

--: point
SELECT generation, (SELECT coalesce(max(position), 0) FROM event), adopted FROM site;

--: disown-all
UPDATE shard SET owner = '', lease_until = 0;

--: adopt
UPDATE site SET generation = CASE WHEN generation < @above THEN @above ELSE generation END + 1,
    adopted = CASE WHEN generation < @above THEN @above ELSE generation END + 1
RETURNING generation;

--: add-site
INSERT INTO site (id, generation, shards) VALUES (1, 1, @shards) ON CONFLICT DO NOTHING;

--: add-shards
WITH RECURSIVE number (id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM number WHERE id + 1 < @count)
INSERT INTO shard (id, generation, epoch, owner, last_batch, lease_until)
SELECT id, 1, 0, '', 0, 0 FROM number WHERE true
ON CONFLICT DO NOTHING;

--: label
SELECT label FROM site;

--: set-label
UPDATE site SET label = @label WHERE label = '';

--: count-shards
SELECT shards FROM site;
