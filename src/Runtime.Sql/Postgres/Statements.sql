-- What differs from the embedded database: several connections, and more than one server.

--: renew
UPDATE shard SET lease_until = now_ticks() + @lease
FROM unnest(@shards, @generations, @epochs, @owners) AS t (shard, generation, epoch, owner)
WHERE id = t.shard AND shard.generation = t.generation AND shard.epoch = t.epoch AND shard.owner = t.owner
RETURNING id;
