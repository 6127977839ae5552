-- Jobs that ended before this time may be gone, with their history: epoch milliseconds.
ALTER TABLE meta ADD COLUMN kept_from INTEGER NOT NULL DEFAULT 0;

-- History is only ever added to, but for what lies before that time.
DROP TRIGGER journal_loses_nothing;
CREATE TRIGGER journal_loses_nothing BEFORE DELETE ON journal
  WHEN NOT EXISTS (SELECT 1 FROM jobs, meta WHERE job = OLD.job AND updated_at < kept_from)
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
DROP TRIGGER decisions_lose_nothing;
CREATE TRIGGER decisions_lose_nothing BEFORE DELETE ON decisions
  WHEN NOT EXISTS (SELECT 1 FROM jobs, meta WHERE job = OLD.job AND updated_at < kept_from)
  BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
