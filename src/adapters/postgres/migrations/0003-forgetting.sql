-- Jobs that ended before this time may be gone, with their history: epoch milliseconds.
ALTER TABLE meta ADD COLUMN kept_from bigint NOT NULL DEFAULT 0;

-- History is only ever added to, but for what lies before that time.
CREATE FUNCTION refuse_early_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM jobs, meta WHERE jobs.job = OLD.job AND updated_at < kept_from) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
DROP TRIGGER journal_keeps_lines ON journal;
CREATE TRIGGER journal_keeps_lines BEFORE UPDATE ON journal
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_loses_nothing BEFORE DELETE ON journal
  FOR EACH ROW EXECUTE FUNCTION refuse_early_loss();
DROP TRIGGER decisions_keep_lines ON decisions;
CREATE TRIGGER decisions_keep_lines BEFORE UPDATE ON decisions
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_lose_nothing BEFORE DELETE ON decisions
  FOR EACH ROW EXECUTE FUNCTION refuse_early_loss();
