-- The generation that began when somebody decided that this copy counts, whatever was seen before; 0 for never.
ALTER TABLE vio.site ADD COLUMN adopted bigint NOT NULL DEFAULT 0;
