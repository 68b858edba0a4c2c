-- Turns per second of each shard, as its server says: numbers in the order of the shards, with commas between.
ALTER TABLE vio.server ADD COLUMN rates text NOT NULL DEFAULT '';
