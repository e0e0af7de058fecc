/** @file Indexes for the grid and the undo stack, a log that is closed on all sides, and what an issue's state depends on. */
export const queries = {
  version: 20,
  sql: `
-- Covers every filter of the grid, so that a query reads this index and never the wide table.
CREATE INDEX samplesByPath ON samples(path, id, label, split, decision, missing);
CREATE INDEX eventsByTarget ON events(targetEventId) WHERE targetEventId IS NOT NULL;

-- What an event did is as fixed as the event.
CREATE TRIGGER eventSamplesAreNeverChanged BEFORE UPDATE ON eventSamples
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventSamplesAreNeverDeleted BEFORE DELETE ON eventSamples
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- The last event that the labels which the run saw include: decisions after it answer the run's issues.
ALTER TABLE issueRuns ADD COLUMN seenEventId INTEGER NOT NULL DEFAULT 0;
-- The attribution method behind the evidence; null: the run found none to use.
ALTER TABLE issueRuns ADD COLUMN evidenceMethod TEXT;
`,
} as const;
