-- Who serves. In a file it can only be the process that holds the lock, but the contract is the same on every engine.
CREATE TABLE server (
  incarnation TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  draining INTEGER NOT NULL,
  since INTEGER NOT NULL,
  seen_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
