/** @file What the grid, the undo stack and the issue queue need in order to answer at once. */
export const queries = {
  version: 20,
  sql: `
-- Covers every filter of the grid, so that a query reads this index and never the wide table.
CREATE INDEX samplesByPath ON samples(path, id, label, split, decision, missing);
CREATE INDEX eventsByTarget ON events(targetEventId) WHERE targetEventId IS NOT NULL;

-- The last event that the labels which the run saw include: decisions after it answer the run's issues.
ALTER TABLE issueRuns ADD COLUMN seenEventId INTEGER NOT NULL DEFAULT 0;
-- The attribution method behind the evidence; null: the run found none to use.
ALTER TABLE issueRuns ADD COLUMN evidenceMethod TEXT;
`,
} as const;
