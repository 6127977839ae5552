-- Texts that are keys sort by their bytes, as they do in every other store.

-- One row: what identifies this database, and which server it was last seen on.
CREATE TABLE meta (
  one integer PRIMARY KEY CHECK (one = 1),
  store_id text NOT NULL,
  created_at bigint NOT NULL,
  generation bigint NOT NULL,
  system_id text NOT NULL,
  timeline bigint NOT NULL
);

-- How far the database has come: rises with every commit. The sequence alone would not tell, since a
-- server that did not end cleanly lets it jump ahead. Connections write to several places, so as not
-- to wait for each other.
CREATE SEQUENCE commits;

CREATE TABLE progress (
  place integer PRIMARY KEY,
  sequence bigint NOT NULL
);

INSERT INTO progress SELECT place, 0 FROM generate_series(0, 63) AS place;

-- One row per run of a daemon. Whoever finds a lease that has passed fences its holder, which from
-- then on can commit nothing, and takes over what it had under way.
CREATE TABLE daemons (
  token integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  instance text NOT NULL,
  lease_until timestamptz NOT NULL,
  is_fenced boolean NOT NULL DEFAULT false
);

CREATE INDEX daemons_alive ON daemons (lease_until) WHERE NOT is_fenced;

CREATE TABLE jobs (
  job text COLLATE "C" PRIMARY KEY,
  source text NOT NULL,
  id text NOT NULL,
  digest text NOT NULL,
  event_type text NOT NULL,
  entity_id text NOT NULL,
  body bytea NOT NULL,
  caller text NOT NULL,
  received_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  stage text NOT NULL,
  outcome text,
  reason_code text,
  reason_message text,
  inputs text,
  answer text,
  owner integer NOT NULL REFERENCES daemons (token),
  UNIQUE (source, id),
  CHECK ((reason_code IS NULL) = (reason_message IS NULL))
);

CREATE INDEX jobs_by_outcome ON jobs (outcome, job);
CREATE INDEX jobs_unfinished ON jobs (job) WHERE outcome IS NULL;

CREATE TABLE journal (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job text COLLATE "C" NOT NULL REFERENCES jobs (job),
  at bigint NOT NULL,
  stage text NOT NULL,
  outcome text,
  reason_code text,
  reason_message text,
  CHECK ((reason_code IS NULL) = (reason_message IS NULL))
);

CREATE INDEX journal_by_job ON journal (job);

CREATE TABLE decisions (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job text COLLATE "C" NOT NULL REFERENCES jobs (job),
  item text NOT NULL,
  facts text NOT NULL,
  decision text NOT NULL,
  violations text NOT NULL,
  doubts text NOT NULL,
  caller text NOT NULL,
  decided_at bigint NOT NULL
);

CREATE INDEX decisions_by_job ON decisions (job);

CREATE TABLE state (
  world text NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (world, key)
);

CREATE TABLE outbox (
  job text COLLATE "C" NOT NULL REFERENCES jobs (job),
  part text NOT NULL,
  route text NOT NULL,
  state text NOT NULL,
  attempts integer NOT NULL,
  unknown integer NOT NULL CHECK (unknown IN (0, 1)),
  created_at bigint NOT NULL,
  next_at bigint NOT NULL,
  error_code text,
  error_message text,
  owner integer NOT NULL REFERENCES daemons (token),
  PRIMARY KEY (job, part),
  CHECK ((error_code IS NULL) = (error_message IS NULL))
);

CREATE INDEX outbox_due ON outbox (next_at, job, part) WHERE state = 'pending';
CREATE INDEX outbox_parked ON outbox (job) WHERE state = 'parked';

CREATE TABLE policies (
  hash text PRIMARY KEY,
  text text NOT NULL,
  first_used_at bigint NOT NULL
);

-- History is only ever added to.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER journal_keeps_lines BEFORE UPDATE OR DELETE ON journal
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_keep_lines BEFORE UPDATE OR DELETE ON decisions
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policies_keep_text BEFORE UPDATE OR DELETE ON policies
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The advisory lock of a lane. Lanes that happen to have the same one wait for each other.
CREATE FUNCTION lane_lock(lane text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT hashtextextended(lane, 0)
$$;

-- The lock that every transaction of a daemon shares and that its fencing takes alone.
CREATE FUNCTION fence_class() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;

-- Begins a transaction of a daemon: not fenced, and alone in its lanes. `patience` is how many
-- milliseconds it waits for each lock; NULL: as long as the connection does.
CREATE FUNCTION enter_lanes(lanes text[], daemon integer, patience integer) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF patience IS NOT NULL THEN PERFORM set_config('lock_timeout', patience::text, true); END IF;
  PERFORM pg_advisory_xact_lock_shared(fence_class(), daemon);
  IF (SELECT is_fenced FROM daemons WHERE token = daemon) IS DISTINCT FROM false THEN
    RAISE EXCEPTION 'this daemon was fenced: another one took over its work' USING ERRCODE = 'CS001';
  END IF;
  -- In one order for all transactions, so that none wait for each other in a circle.
  PERFORM pg_advisory_xact_lock(lock)
    FROM (SELECT lane_lock(lane) AS lock FROM unnest(lanes) AS lane ORDER BY lock) AS locks;
END $$;

-- Fences every daemon whose lease has passed, or every earlier run of this instance, and wakes the
-- others; resolves to how many were ever fenced. One that is in the middle of a transaction is left to
-- the next call.
CREATE FUNCTION fence_others(mine integer, of_instance text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  other integer;
BEGIN
  FOR other IN
    SELECT token FROM daemons WHERE NOT is_fenced AND token <> mine
      AND (lease_until < clock_timestamp() OR instance = of_instance) ORDER BY token
  LOOP
    IF pg_try_advisory_xact_lock(fence_class(), other) THEN PERFORM leave(other); END IF;
  END LOOP;
  RETURN (SELECT count(*) FROM daemons WHERE is_fenced);
END $$;

CREATE FUNCTION leave(daemon integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE daemons SET is_fenced = true WHERE token = daemon AND NOT is_fenced;
  IF FOUND THEN PERFORM pg_notify('daemons', ''); END IF;
END $$;
