-- Slashing protection (EIP-3076). Slots and epochs are uint64 and kept as value - 2^63, which fits a
-- signed integer and sorts alike; 0 is stored as -9223372036854775808.

-- One row: what holds for all keys.
CREATE TABLE slashing_settings (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  genesis_root TEXT,
  high_slot INTEGER,
  high_epoch INTEGER,
  last_recorded_at INTEGER,
  CHECK ((high_slot IS NULL) = (high_epoch IS NULL))
) STRICT;

INSERT INTO slashing_settings (one) VALUES (1);

-- `low_*` is the minimum over all records there ever were, `floor_*` where records were pruned or
-- watermarks raised. `is_orderly`: no record surrounds another, so neighbors tell all. `began_at` is
-- NULL while nobody has said where the history of the key begins.
CREATE TABLE validators (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE CHECK (length(key) = 96),
  is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
  is_orderly INTEGER NOT NULL CHECK (is_orderly IN (0, 1)),
  began_at INTEGER,
  low_slot INTEGER,
  low_source INTEGER,
  low_target INTEGER,
  floor_slot INTEGER,
  floor_source INTEGER,
  floor_target INTEGER
) STRICT;

-- `root` is NULL where it is not known, or where records disagree about it.
CREATE TABLE signed_blocks (
  validator INTEGER NOT NULL REFERENCES validators (id),
  slot INTEGER NOT NULL,
  root BLOB CHECK (length(root) = 32),
  PRIMARY KEY (validator, slot)
) STRICT, WITHOUT ROWID;

-- Records made elsewhere may have several sources for one target.
CREATE TABLE signed_attestations (
  validator INTEGER NOT NULL REFERENCES validators (id),
  target INTEGER NOT NULL,
  source INTEGER NOT NULL,
  root BLOB CHECK (length(root) = 32),
  PRIMARY KEY (validator, target, source)
) STRICT, WITHOUT ROWID;

-- A floor that fell would let be signed what was signed and forgotten.
CREATE TRIGGER floors_never_fall BEFORE UPDATE ON validators
  WHEN old.floor_slot IS NOT NULL AND coalesce(new.floor_slot < old.floor_slot, 1)
    OR old.floor_source IS NOT NULL AND coalesce(new.floor_source < old.floor_source, 1)
    OR old.floor_target IS NOT NULL AND coalesce(new.floor_target < old.floor_target, 1)
  BEGIN SELECT RAISE(ABORT, 'the floor of a key never falls'); END;
CREATE TRIGGER validators_stay BEFORE DELETE ON validators
  BEGIN SELECT RAISE(ABORT, 'a key is never forgotten'); END;
CREATE TRIGGER genesis_stays BEFORE UPDATE ON slashing_settings
  WHEN old.genesis_root IS NOT NULL AND new.genesis_root IS NOT old.genesis_root
  BEGIN SELECT RAISE(ABORT, 'another genesis root is pinned'); END;
