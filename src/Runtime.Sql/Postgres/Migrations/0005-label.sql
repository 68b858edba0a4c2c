-- Whose data this is, in the words of whoever opens it first: another's servers are turned away.
ALTER TABLE vio.site ADD COLUMN label text NOT NULL DEFAULT '';
