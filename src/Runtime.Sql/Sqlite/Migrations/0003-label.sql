-- Whose data this is, in the words of whoever opens it first: another's servers are turned away.
ALTER TABLE site ADD COLUMN label TEXT NOT NULL DEFAULT '';
