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

-- The functions below are VOLATILE, so that each statement in them sees what others committed while
-- it waited for a lock; they are meant for READ COMMITTED.

-- The conditions that hold for both kinds; NULL where none refuses.
CREATE FUNCTION slashing_standing(v validators, genesis text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  pinned text;
BEGIN
  SELECT genesis_root INTO pinned FROM slashing_settings;
  RETURN CASE
    WHEN pinned <> genesis THEN 'wrong_genesis'
    WHEN NOT v.is_enabled THEN 'key_disabled'
    WHEN v.began_at IS NULL THEN 'key_without_history'
  END;
END $$;

CREATE FUNCTION judge_block(
  of_key text, of_slot uint64, with_root bytea, genesis text, and_record boolean
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v validators;
  standing text;
  known signed_blocks;
BEGIN
  SELECT * INTO v FROM validators WHERE key = of_key;
  standing := slashing_standing(v, genesis);
  IF standing IS NOT NULL THEN RETURN standing; END IF;
  IF of_slot >= (SELECT high_slot FROM slashing_settings) THEN RETURN 'above_high_watermark'; END IF;
  SELECT * INTO known FROM signed_blocks WHERE validator = v.id AND slot = of_slot;
  IF FOUND THEN
    RETURN CASE WHEN known.root = with_root THEN 'repeated' ELSE 'double_block' END;
  END IF;
  IF of_slot <= greatest(v.low_slot, v.floor_slot) THEN RETURN 'block_below_watermark'; END IF;
  IF and_record THEN
    INSERT INTO signed_blocks VALUES (v.id, of_slot, with_root);
    IF v.low_slot IS NULL THEN UPDATE validators SET low_slot = of_slot WHERE id = v.id; END IF;
  END IF;
  RETURN 'recorded';
END $$;

CREATE FUNCTION judge_attestation(
  of_key text, of_source uint64, of_target uint64, with_root bytea, genesis text, and_record boolean
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v validators;
  standing text;
  high uint64;
  near uint64;
BEGIN
  SELECT * INTO v FROM validators WHERE key = of_key;
  standing := slashing_standing(v, genesis);
  IF standing IS NOT NULL THEN RETURN standing; END IF;
  SELECT high_epoch INTO high FROM slashing_settings;
  IF of_source >= high OR of_target >= high THEN RETURN 'above_high_watermark'; END IF;
  IF of_source > of_target THEN RETURN 'source_after_target'; END IF;
  IF EXISTS (SELECT FROM signed_attestations WHERE validator = v.id AND target = of_target) THEN
    RETURN CASE WHEN EXISTS (
        SELECT FROM signed_attestations WHERE validator = v.id AND target = of_target
          AND (source <> of_source OR root IS DISTINCT FROM with_root)
      ) THEN 'double_vote' ELSE 'repeated' END;
  END IF;
  IF of_source < greatest(v.low_source, v.floor_source) THEN RETURN 'source_below_watermark'; END IF;
  IF of_target <= greatest(v.low_target, v.floor_target) THEN RETURN 'target_below_watermark'; END IF;
  IF v.is_orderly THEN
    SELECT source INTO near FROM signed_attestations WHERE validator = v.id AND target > of_target
      ORDER BY target, source LIMIT 1;
    IF near < of_source THEN RETURN 'surrounded'; END IF;
    near := NULL;
    SELECT source INTO near FROM signed_attestations WHERE validator = v.id AND target < of_target
      ORDER BY target DESC, source DESC LIMIT 1;
    IF near > of_source THEN RETURN 'surrounds'; END IF;
  ELSE
    IF EXISTS (SELECT FROM signed_attestations
      WHERE validator = v.id AND target > of_target AND source < of_source) THEN RETURN 'surrounded';
    END IF;
    IF EXISTS (SELECT FROM signed_attestations
      WHERE validator = v.id AND target < of_target AND source > of_source) THEN RETURN 'surrounds';
    END IF;
  END IF;
  IF and_record THEN
    INSERT INTO signed_attestations VALUES (v.id, of_target, of_source, with_root, true);
    IF v.low_target IS NULL THEN
      UPDATE validators SET low_source = of_source, low_target = of_target WHERE id = v.id;
    END IF;
  END IF;
  RETURN 'recorded';
END $$;

-- Judges and records duties in the order given, each seeing those before it. Takes the keys' lanes,
-- in the order of all locks, for a caller that does not hold them.
CREATE FUNCTION record_duties(duties jsonb, genesis text, daemon integer) RETURNS text[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  lanes text[];
  duty jsonb;
  verdict text;
  verdicts text[] := '{}';
  pinned text;
BEGIN
  SELECT array_agg(DISTINCT 'ethereum/key/' || (d ->> 'key')) INTO lanes
    FROM jsonb_array_elements(duties) AS d;
  PERFORM enter_lanes(lanes, daemon);
  FOR duty IN SELECT jsonb_array_elements(duties) LOOP
    IF duty ? 'slot' THEN
      verdict := judge_block(duty ->> 'key', (duty ->> 'slot')::uint64,
        decode(duty ->> 'root', 'hex'), genesis, true);
    ELSE
      verdict := judge_attestation(duty ->> 'key', (duty ->> 'source')::uint64,
        (duty ->> 'target')::uint64, decode(duty ->> 'root', 'hex'), genesis, true);
    END IF;
    IF verdict = 'recorded' AND pinned IS NULL THEN
      UPDATE slashing_settings SET genesis_root = genesis WHERE genesis_root IS NULL;
      SELECT genesis_root INTO pinned FROM slashing_settings;
      IF pinned <> genesis THEN RAISE EXCEPTION 'another genesis root was pinned just now'; END IF;
    END IF;
    verdicts := verdicts || verdict;
  END LOOP;
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
