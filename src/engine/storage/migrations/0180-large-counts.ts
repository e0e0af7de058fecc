/** @file What a project of a million images is counted by: what every image is in one index, what every run found beside it. */
export const largeCounts = {
  version: 180,
  sql: `
-- All that the filter panel and the summary count by; it takes the place of the index on the label alone.
DROP INDEX samplesByLabel;
CREATE INDEX samplesByState ON samples(label, split, decision, missing, givenLabel);

ALTER TABLE issueRuns ADD COLUMN issueCount INTEGER NOT NULL DEFAULT 0;
ALTER TABLE issueRuns ADD COLUMN flaggedCount INTEGER NOT NULL DEFAULT 0;
UPDATE issueRuns SET
  issueCount = (SELECT count(*) FROM issues i WHERE i.runId = issueRuns.runId),
  flaggedCount = (SELECT coalesce(sum(i.flagged), 0) FROM issues i WHERE i.runId = issueRuns.runId);
`,
} as const;
