-- The commit of any number of batches: one call, one round trip, all or nothing. Everything has arrived before the first
-- row is locked, so a server that freezes half-way leaves no transaction open. Raises VA001 when a token is stale or the
-- rows contradict what is stored; a broken unique key means the same. Rows come as one array per column; an array that
-- starts with "b" is indexed by batch, and *_batch says to which batch a row belongs.
-- Locks in this order: shards by their number, then the site. Taking a shard over locks in the same order.
SET LOCAL search_path = vio;

CREATE FUNCTION commit_batches(
  b_shard int[], b_generation bigint[], b_epoch bigint[], b_owner text[], b_number bigint[],
  consumed_id text[], consumed_shard int[],
  gone_effect_actor text[], gone_effect_id text[], gone_effect_turn text[],
  gone_timer_actor text[], gone_timer_name text[], gone_timer_id text[],
  send_shard int[], send_id text[], send_receiver text[], send_sender text[], send_name text[], send_json text[],
  send_principal text[],
  timer_shard int[], timer_actor text[], timer_timer text[], timer_id text[], timer_due bigint[], timer_name text[],
  timer_json text[], timer_principal text[],
  effect_shard int[], effect_actor text[], effect_id text[], effect_kind text[], effect_name text[], effect_json text[],
  effect_turn text[], effect_principal text[],
  result_actor text[], result_principal text[], result_key text[], result_hash text[], result_name text[],
  result_json text[], result_at bigint[],
  letter_id text[], letter_actor text[], letter_sender text[], letter_name text[], letter_json text[],
  letter_principal text[], letter_reason text[], letter_at bigint[],
  snapshot_actor text[], snapshot_seq bigint[], snapshot_schema text[], snapshot_json text[],
  first_actor text[], first_seq bigint[],
  event_batch int[], event_actor text[], event_seq bigint[], event_name text[], event_json text[],
  event_principal text[], event_turn text[], event_at bigint[]
) RETURNS void LANGUAGE plpgsql
-- A plan made while the tables were empty must not read them whole later.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  met int;
  current_generation bigint;
  last_position bigint;
BEGIN
  UPDATE shard SET last_batch = b.number
  FROM unnest(b_shard, b_generation, b_epoch, b_owner, b_number) AS b (shard, generation, epoch, owner, number)
  WHERE shard.id = b.shard AND shard.generation = b.generation AND shard.epoch = b.epoch AND shard.owner = b.owner
    AND shard.last_batch = b.number - 1;
  GET DIAGNOSTICS met = ROW_COUNT;
  IF met <> cardinality(b_shard) THEN
    RAISE 'The token of a shard is stale.' USING ERRCODE = 'VA001';
  END IF;

  IF cardinality(consumed_id) > 0 THEN
    DELETE FROM inbox USING unnest(consumed_id, consumed_shard) AS c (id, shard)
    WHERE inbox.id = c.id AND inbox.shard = c.shard;
    GET DIAGNOSTICS met = ROW_COUNT;
    IF met <> cardinality(consumed_id) THEN
      RAISE 'A message is not in the inbox.' USING ERRCODE = 'VA001';
    END IF;
  END IF;

  IF cardinality(gone_effect_id) > 0 THEN
    DELETE FROM effect USING unnest(gone_effect_actor, gone_effect_id, gone_effect_turn) AS g (actor, id, turn)
    WHERE effect.actor = g.actor AND effect.id = g.id AND effect.turn_id = g.turn;
    GET DIAGNOSTICS met = ROW_COUNT;
    IF met <> cardinality(gone_effect_id) THEN
      RAISE 'An effect is not stored.' USING ERRCODE = 'VA001';
    END IF;
  END IF;

  IF cardinality(gone_timer_id) > 0 THEN
    DELETE FROM timer USING unnest(gone_timer_actor, gone_timer_name, gone_timer_id) AS g (actor, timer, id)
    WHERE timer.actor = g.actor AND timer.timer = g.timer AND timer.id = g.id;
    GET DIAGNOSTICS met = ROW_COUNT;
    IF met <> cardinality(gone_timer_id) THEN
      RAISE 'A timer is not stored.' USING ERRCODE = 'VA001';
    END IF;
  END IF;

  IF cardinality(send_id) > 0 THEN
    INSERT INTO inbox (shard, id, receiver, sender, name, json, principal)
    SELECT * FROM unnest(send_shard, send_id, send_receiver, send_sender, send_name, send_json, send_principal);
  END IF;
  IF cardinality(timer_id) > 0 THEN
    INSERT INTO timer SELECT * FROM unnest(
      timer_shard, timer_actor, timer_timer, timer_id, timer_due, timer_name, timer_json, timer_principal);
  END IF;
  IF cardinality(effect_id) > 0 THEN
    INSERT INTO effect SELECT * FROM unnest(
      effect_shard, effect_actor, effect_id, effect_kind, effect_name, effect_json, effect_turn, effect_principal);
  END IF;
  IF cardinality(result_key) > 0 THEN
    INSERT INTO result SELECT * FROM unnest(
      result_actor, result_principal, result_key, result_hash, result_name, result_json, result_at);
  END IF;
  IF cardinality(letter_id) > 0 THEN
    INSERT INTO dead_letter (id, actor, sender, name, json, principal, reason, at)
    SELECT * FROM unnest(
      letter_id, letter_actor, letter_sender, letter_name, letter_json, letter_principal, letter_reason, letter_at);
  END IF;
  IF cardinality(snapshot_actor) > 0 THEN
    INSERT INTO snapshot SELECT * FROM unnest(snapshot_actor, snapshot_seq, snapshot_schema, snapshot_json)
    ON CONFLICT (actor) DO UPDATE SET seq = excluded.seq, schema = excluded.schema, json = excluded.json;
  END IF;

  IF EXISTS (
    SELECT 1 FROM unnest(first_actor, first_seq) AS f (actor, seq)
    WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.actor = f.actor AND event.seq = f.seq - 1))
  THEN
    RAISE 'An event does not follow the last of its actor.' USING ERRCODE = 'VA001';
  END IF;

  UPDATE site SET position = position + cardinality(event_seq) WHERE id = 1
  RETURNING generation, position INTO current_generation, last_position;
  IF NOT current_generation = ALL (b_generation) THEN
    RAISE 'The site''s generation was raised.' USING ERRCODE = 'VA001';
  END IF;
  IF cardinality(event_seq) > 0 THEN
    INSERT INTO event (position, actor, seq, name, json, principal, turn_id, at, generation, epoch)
    SELECT last_position - cardinality(event_seq) + e.place, e.actor, e.seq, e.name, e.json, e.principal, e.turn, e.at,
      b_generation[e.batch], b_epoch[e.batch]
    FROM unnest(event_batch, event_actor, event_seq, event_name, event_json, event_principal, event_turn, event_at)
      WITH ORDINALITY AS e (batch, actor, seq, name, json, principal, turn, at, place);
  END IF;
END $$;
