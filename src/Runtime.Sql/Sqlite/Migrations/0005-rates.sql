-- Turns per second of each shard, as its server says: numbers in the order of the shards, with commas between.
ALTER TABLE server ADD COLUMN rates TEXT NOT NULL DEFAULT '';
