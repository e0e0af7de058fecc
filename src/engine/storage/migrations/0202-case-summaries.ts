/** @file What lists show of cases, so that they need not replay every event. */
export const caseSummaries = {
  version: 202,
  sql: `
-- Can be made again from the events. eventId: the case's newest event then.
CREATE TABLE caseSummaries (
  caseId INTEGER PRIMARY KEY,
  eventId INTEGER NOT NULL REFERENCES events(id),
  summary TEXT NOT NULL CHECK (json_valid(summary))
) STRICT;
`,
} as const;
