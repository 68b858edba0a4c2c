-- The generation that began when somebody decided that this copy counts, whatever was seen before; 0 for never.
ALTER TABLE site ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;
