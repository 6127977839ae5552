-- One row: what identifies this database. `quiet_commits` counts those that left no line in the
-- journal, so that it and the journal together say how far the database has come.
CREATE TABLE meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  store_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  quiet_commits INTEGER NOT NULL
) STRICT;

-- One row per (source, id): the wall that keeps a redelivery from becoming second work.
CREATE TABLE jobs (
  job TEXT NOT NULL PRIMARY KEY,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  digest TEXT NOT NULL,
  event_type TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  body BLOB NOT NULL,
  caller TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  stage TEXT NOT NULL,
  outcome TEXT,
  reason_code TEXT,
  reason_message TEXT,
  inputs TEXT,
  answer TEXT,
  UNIQUE (source, id),
  CHECK ((reason_code IS NULL) = (reason_message IS NULL))
) STRICT;

-- Serves every outcome and, as NULL, the unfinished, each in order of age.
CREATE INDEX jobs_by_outcome ON jobs (outcome, job);

-- A row id is never used twice here, since no line can be deleted (triggers below).
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  job TEXT NOT NULL REFERENCES jobs (job),
  at INTEGER NOT NULL,
  stage TEXT NOT NULL,
  outcome TEXT,
  reason_code TEXT,
  reason_message TEXT,
  CHECK ((reason_code IS NULL) = (reason_message IS NULL))
) STRICT;

CREATE INDEX journal_by_job ON journal (job);

-- Rises with every commit.
CREATE VIEW progress AS
  SELECT quiet_commits + (SELECT coalesce(max(seq), 0) FROM journal) AS sequence FROM meta;

CREATE TABLE decisions (
  seq INTEGER PRIMARY KEY,
  job TEXT NOT NULL REFERENCES jobs (job),
  item TEXT NOT NULL,
  facts TEXT NOT NULL,
  decision TEXT NOT NULL,
  violations TEXT NOT NULL,
  doubts TEXT NOT NULL,
  caller TEXT NOT NULL,
  decided_at INTEGER NOT NULL
) STRICT;

CREATE INDEX decisions_by_job ON decisions (job);

CREATE TABLE state (
  world TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (world, key)
) STRICT;

CREATE TABLE outbox (
  job TEXT NOT NULL REFERENCES jobs (job),
  part TEXT NOT NULL,
  route TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  unknown INTEGER NOT NULL CHECK (unknown IN (0, 1)),
  created_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  error_code TEXT,
  error_message TEXT,
  PRIMARY KEY (job, part),
  CHECK ((error_code IS NULL) = (error_message IS NULL))
) STRICT;

CREATE INDEX outbox_due ON outbox (next_at, job, part) WHERE state = 'pending';
CREATE INDEX outbox_parked ON outbox (job) WHERE state = 'parked';

CREATE TABLE policies (
  hash TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL,
  first_used_at INTEGER NOT NULL
) STRICT;

-- History is only ever added to.
CREATE TRIGGER journal_keeps_lines BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_loses_nothing BEFORE DELETE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER decisions_keep_lines BEFORE UPDATE ON decisions
  BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_lose_nothing BEFORE DELETE ON decisions
  BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER policies_keep_text BEFORE UPDATE ON policies
  BEGIN SELECT RAISE(ABORT, 'policy texts are append-only'); END;
CREATE TRIGGER policies_lose_nothing BEFORE DELETE ON policies
  BEGIN SELECT RAISE(ABORT, 'policy texts are append-only'); END;
