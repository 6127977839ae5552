-- Slashing protection (EIP-3076). Slots and epochs are uint64, which numeric(20) holds exactly.

CREATE DOMAIN uint64 AS numeric(20) CHECK (VALUE >= 0 AND VALUE < 18446744073709551616);

-- One row: what holds for all keys.
CREATE TABLE slashing_settings (
  one integer PRIMARY KEY CHECK (one = 1),
  genesis_root text,
  high_slot uint64,
  high_epoch uint64,
  last_recorded_at bigint,
  CHECK ((high_slot IS NULL) = (high_epoch IS NULL))
);

INSERT INTO slashing_settings (one) VALUES (1);

-- `low_*` is the minimum over all records there ever were, `floor_*` where records were pruned or
-- watermarks raised. `is_orderly`: no record surrounds another, so neighbors tell all. `began_at` is
-- NULL while nobody has said where the history of the key begins.
CREATE TABLE validators (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text COLLATE "C" NOT NULL UNIQUE CHECK (length(key) = 96),
  is_enabled boolean NOT NULL DEFAULT true,
  is_orderly boolean NOT NULL DEFAULT true,
  began_at bigint,
  low_slot uint64,
  low_source uint64,
  low_target uint64,
  floor_slot uint64,
  floor_source uint64,
  floor_target uint64
);

-- `root` is NULL where it is not known, or where records disagree about it.
CREATE TABLE signed_blocks (
  validator bigint NOT NULL REFERENCES validators (id),
  slot uint64 NOT NULL,
  root bytea CHECK (length(root) = 32),
  PRIMARY KEY (validator, slot)
);

-- Records made elsewhere may have several sources for one target; our own have one.
CREATE TABLE signed_attestations (
  validator bigint NOT NULL REFERENCES validators (id),
  target uint64 NOT NULL,
  source uint64 NOT NULL,
  root bytea CHECK (length(root) = 32),
  is_own boolean NOT NULL,
  PRIMARY KEY (validator, target, source)
);

CREATE UNIQUE INDEX one_own_vote_per_target ON signed_attestations (validator, target) WHERE is_own;

-- A floor that fell would let be signed what was signed and forgotten.
CREATE FUNCTION keep_floor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(NEW.floor_slot, -1) < coalesce(OLD.floor_slot, -1)
    OR coalesce(NEW.floor_source, -1) < coalesce(OLD.floor_source, -1)
    OR coalesce(NEW.floor_target, -1) < coalesce(OLD.floor_target, -1)
  THEN
    RAISE EXCEPTION 'the floor of a key never falls';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER floors_never_fall BEFORE UPDATE ON validators
  FOR EACH ROW EXECUTE FUNCTION keep_floor();
CREATE TRIGGER validators_stay BEFORE DELETE ON validators
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_genesis() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.genesis_root IS NOT NULL AND NEW.genesis_root IS DISTINCT FROM OLD.genesis_root THEN
    RAISE EXCEPTION 'another genesis root is pinned';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER genesis_stays BEFORE UPDATE ON slashing_settings
  FOR EACH ROW EXECUTE FUNCTION keep_genesis();

-- The verdict on each of these blocks; `is_first` of its key.
CREATE FUNCTION judge_blocks(keys text[], slots numeric[], roots bytea[], genesis text)
RETURNS TABLE (
  n bigint, validator bigint, slot numeric, root bytea, verdict text, is_first boolean, is_pinned boolean
) LANGUAGE sql STABLE AS $$
  SELECT d.n, v.id, d.slot, d.root, CASE
      WHEN s.genesis_root <> genesis THEN 'wrong_genesis'
      WHEN NOT v.is_enabled THEN 'key_disabled'
      WHEN v.began_at IS NULL THEN 'key_without_history'
      WHEN d.slot >= s.high_slot THEN 'above_high_watermark'
      WHEN (SELECT true FROM signed_blocks AS known WHERE known.validator = v.id AND known.slot = d.slot)
        THEN CASE WHEN d.root = (SELECT known.root FROM signed_blocks AS known
            WHERE known.validator = v.id AND known.slot = d.slot) THEN 'repeated' ELSE 'double_block' END
      WHEN d.slot <= greatest(v.low_slot, v.floor_slot) THEN 'block_below_watermark'
      ELSE 'recorded'
    END, v.low_slot IS NULL, s.genesis_root IS NOT NULL
  FROM unnest(keys, slots, roots) WITH ORDINALITY AS d (key, slot, root, n)
    JOIN slashing_settings AS s ON s.one = 1 LEFT JOIN validators AS v ON v.key = d.key
$$;

-- The same of attestations. Where the records of a key are orderly its neighbors tell all. A scalar
-- query in a CASE runs only where the verdict needs it, and always by index.
CREATE FUNCTION judge_attestations(
  keys text[], sources numeric[], targets numeric[], roots bytea[], genesis text
) RETURNS TABLE (
  n bigint, validator bigint, source numeric, target numeric, root bytea, verdict text,
  is_first boolean, is_pinned boolean
) LANGUAGE sql STABLE AS $$
  SELECT d.n, v.id, d.source, d.target, d.root, CASE
      WHEN s.genesis_root <> genesis THEN 'wrong_genesis'
      WHEN NOT v.is_enabled THEN 'key_disabled'
      WHEN v.began_at IS NULL THEN 'key_without_history'
      WHEN d.source >= s.high_epoch OR d.target >= s.high_epoch THEN 'above_high_watermark'
      WHEN d.source > d.target THEN 'source_after_target'
      WHEN (SELECT true FROM signed_attestations AS known
          WHERE known.validator = v.id AND known.target = d.target LIMIT 1)
        THEN CASE WHEN (SELECT true FROM signed_attestations AS known
            WHERE known.validator = v.id AND known.target = d.target
              AND (known.source <> d.source OR known.root IS DISTINCT FROM d.root) LIMIT 1)
          THEN 'double_vote' ELSE 'repeated' END
      WHEN d.source < greatest(v.low_source, v.floor_source) THEN 'source_below_watermark'
      WHEN d.target <= greatest(v.low_target, v.floor_target) THEN 'target_below_watermark'
      WHEN v.is_orderly AND d.source > (SELECT known.source FROM signed_attestations AS known
          WHERE known.validator = v.id AND known.target > d.target
          ORDER BY known.target, known.source LIMIT 1) THEN 'surrounded'
      WHEN v.is_orderly AND d.source < (SELECT known.source FROM signed_attestations AS known
          WHERE known.validator = v.id AND known.target < d.target
          ORDER BY known.target DESC, known.source DESC LIMIT 1) THEN 'surrounds'
      WHEN v.is_orderly THEN 'recorded'
      WHEN (SELECT true FROM signed_attestations AS known
          WHERE known.validator = v.id AND known.target > d.target AND known.source < d.source LIMIT 1)
        THEN 'surrounded'
      WHEN (SELECT true FROM signed_attestations AS known
          WHERE known.validator = v.id AND known.target < d.target AND known.source > d.source LIMIT 1)
        THEN 'surrounds'
      ELSE 'recorded'
    END, v.low_target IS NULL, s.genesis_root IS NOT NULL
  FROM unnest(keys, sources, targets, roots) WITH ORDINALITY AS d (key, source, target, root, n)
    JOIN slashing_settings AS s ON s.one = 1 LEFT JOIN validators AS v ON v.key = d.key
$$;

-- The keys' lanes, should the caller not hold them.
CREATE FUNCTION enter_keys(keys text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(lock) FROM (
    SELECT lane_lock('ethereum/key/' || key) AS lock FROM unnest(keys) AS key ORDER BY lock) AS locks;
END $$;

CREATE FUNCTION pin_genesis(genesis text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE slashing_settings SET genesis_root = genesis WHERE genesis_root IS NULL;
  IF (SELECT genesis_root FROM slashing_settings) <> genesis THEN
    RAISE EXCEPTION 'another genesis root was pinned just now';
  END IF;
END $$;

-- Each key is named once, so that none is judged without what is recorded with it. Both are VOLATILE
-- and meant for READ COMMITTED, so that what follows the locks sees what others committed while they
-- were waited for.
CREATE FUNCTION record_blocks(keys text[], slots numeric[], roots bytea[], genesis text)
RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  verdicts text[];
  first bigint[];
  pins boolean;
  repeats boolean;
BEGIN
  PERFORM enter_keys(keys);
  WITH judged AS MATERIALIZED (SELECT * FROM judge_blocks(keys, slots, roots, genesis)),
  added AS (
    INSERT INTO signed_blocks (validator, slot, root)
      SELECT validator, slot, root FROM judged WHERE verdict = 'recorded'
  )
  SELECT array_agg(verdict ORDER BY n),
    array_agg(validator) FILTER (WHERE verdict = 'recorded' AND is_first),
    bool_or(verdict = 'recorded' AND NOT is_pinned),
    count(DISTINCT validator) < count(validator)
    INTO verdicts, first, pins, repeats FROM judged;
  IF repeats THEN RAISE EXCEPTION 'a key is named twice'; END IF;
  IF pins THEN PERFORM pin_genesis(genesis); END IF;
  IF first IS NOT NULL THEN
    UPDATE validators SET low_slot = (SELECT min(slot) FROM signed_blocks WHERE validator = id)
      WHERE id = ANY (first);
  END IF;
  RETURN verdicts;
END $$;

CREATE FUNCTION record_attestations(
  keys text[], sources numeric[], targets numeric[], roots bytea[], genesis text
) RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  verdicts text[];
  first bigint[];
  pins boolean;
  repeats boolean;
BEGIN
  PERFORM enter_keys(keys);
  WITH judged AS MATERIALIZED (
    SELECT * FROM judge_attestations(keys, sources, targets, roots, genesis)
  ), added AS (
    INSERT INTO signed_attestations (validator, target, source, root, is_own)
      SELECT validator, target, source, root, true FROM judged WHERE verdict = 'recorded'
  )
  SELECT array_agg(verdict ORDER BY n),
    array_agg(validator) FILTER (WHERE verdict = 'recorded' AND is_first),
    bool_or(verdict = 'recorded' AND NOT is_pinned),
    count(DISTINCT validator) < count(validator)
    INTO verdicts, first, pins, repeats FROM judged;
  IF repeats THEN RAISE EXCEPTION 'a key is named twice'; END IF;
  IF pins THEN PERFORM pin_genesis(genesis); END IF;
  IF first IS NOT NULL THEN
    UPDATE validators SET (low_source, low_target) =
        (SELECT min(source), min(target) FROM signed_attestations WHERE validator = id)
      WHERE id = ANY (first);
  END IF;
  RETURN verdicts;
END $$;

-- Whatever has a source below the floor ends up with its target below it too, so that an export can
-- leave it out and lose nothing.
CREATE FUNCTION raise_floor(
  of_key text, to_slot uint64, to_source uint64, to_target uint64, at bigint
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v validators;
BEGIN
  INSERT INTO validators AS old (key, began_at, floor_slot, floor_source, floor_target)
    VALUES (of_key, at, to_slot, to_source, to_target)
    ON CONFLICT (key) DO UPDATE SET
      began_at = coalesce(old.began_at, at),
      floor_slot = greatest(old.floor_slot, to_slot),
      floor_source = greatest(old.floor_source, to_source),
      floor_target = greatest(old.floor_target, to_target)
    RETURNING * INTO v;
  UPDATE validators SET floor_target = greatest(floor_target, (
      SELECT max(target) FROM signed_attestations WHERE validator = v.id AND source < v.floor_source))
    WHERE id = v.id AND floor_source IS NOT NULL;
END $$;

CREATE FUNCTION begin_key(
  of_key text, to_slot uint64, to_source uint64, to_target uint64, at bigint
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM validators WHERE key = of_key AND began_at IS NOT NULL) THEN
    PERFORM raise_floor(of_key, to_slot, to_source, to_target, at);
  END IF;
END $$;

-- Adds records made elsewhere, which name no duty twice among themselves.
CREATE FUNCTION merge_history(of_key text, blocks jsonb, attestations jsonb, at bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v validators;
BEGIN
  INSERT INTO validators (key) VALUES (of_key) ON CONFLICT (key) DO NOTHING;
  SELECT * INTO v FROM validators WHERE key = of_key;
  INSERT INTO signed_blocks AS old (validator, slot, root)
    SELECT v.id, (b ->> 'slot')::uint64, decode(b ->> 'root', 'hex') FROM jsonb_array_elements(blocks) AS b
    ON CONFLICT (validator, slot) DO UPDATE SET root = NULL
      WHERE old.root IS DISTINCT FROM excluded.root;
  INSERT INTO signed_attestations AS old (validator, target, source, root, is_own)
    SELECT v.id, (a ->> 'target')::uint64, (a ->> 'source')::uint64, decode(a ->> 'root', 'hex'), false
      FROM jsonb_array_elements(attestations) AS a
    ON CONFLICT (validator, target, source) DO UPDATE SET root = NULL
      WHERE old.root IS DISTINCT FROM excluded.root;
  UPDATE validators SET
    began_at = CASE WHEN jsonb_array_length(blocks) + jsonb_array_length(attestations) > 0
      THEN coalesce(began_at, at) ELSE began_at END,
    low_slot = least(low_slot, (SELECT min(slot) FROM signed_blocks WHERE validator = v.id)),
    low_source = least(low_source, (SELECT min(source) FROM signed_attestations WHERE validator = v.id)),
    low_target = least(low_target, (SELECT min(target) FROM signed_attestations WHERE validator = v.id)),
    is_orderly = NOT EXISTS (
      SELECT FROM (
        SELECT min(source) AS lowest, max(max(source)) OVER
          (ORDER BY target ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS highest_before
        FROM signed_attestations WHERE validator = v.id GROUP BY target
      ) AS by_target WHERE lowest < highest_before)
    WHERE id = v.id;
END $$;

CREATE FUNCTION prune_history(of_key text, kept_slots uint64, kept_epochs uint64, at bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  of_id bigint := (SELECT id FROM validators WHERE key = of_key);
  gone_blocks bigint;
  gone_attestations bigint;
  slot_floor uint64;
  source_floor uint64;
  target_floor uint64;
BEGIN
  WITH gone AS (
    DELETE FROM signed_blocks WHERE validator = of_id AND slot + kept_slots <=
      (SELECT max(slot) FROM signed_blocks WHERE validator = of_id) RETURNING slot
  ) SELECT count(*), max(slot) INTO gone_blocks, slot_floor FROM gone;
  WITH gone AS (
    DELETE FROM signed_attestations WHERE validator = of_id AND target + kept_epochs <=
      (SELECT max(target) FROM signed_attestations WHERE validator = of_id) RETURNING source, target
  ) SELECT count(*), max(source), max(target)
    INTO gone_attestations, source_floor, target_floor FROM gone;
  IF gone_blocks + gone_attestations > 0 THEN
    PERFORM raise_floor(of_key, slot_floor, source_floor, target_floor, at);
  END IF;
  RETURN gone_blocks + gone_attestations;
END $$;
