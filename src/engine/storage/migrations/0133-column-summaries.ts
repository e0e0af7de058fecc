/** @file What stands in each column, kept so that a large project need not read all of it for every list of filters; sizes by index. */
export const columnSummaries = {
  version: 133,
  sql: `
-- Made again when it is missing: what writes a column's values deletes its row.
CREATE TABLE columnSummaries (
  columnId INTEGER PRIMARY KEY REFERENCES columns(id),
  kind TEXT NOT NULL CHECK (kind IN ('text', 'number')),
  valueCount INTEGER NOT NULL,        -- different values
  least REAL,
  greatest REAL,
  topValues TEXT NOT NULL CHECK (json_valid(topValues))   -- [{value, count}], the commonest first
) STRICT;
CREATE INDEX samplesBySize ON samples(width, height, bytes);
`,
} as const;
