/** @file Maps of the images. */
export const maps = {
  version: 140,
  sql: `
CREATE TABLE maps (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL UNIQUE REFERENCES runs(id),
  name TEXT NOT NULL,
  method TEXT NOT NULL,
  source TEXT NOT NULL,                                  -- what the images are compared by, for a person
  imageCount INTEGER NOT NULL,
  shownVariance REAL,
  choices TEXT NOT NULL CHECK (json_valid(choices)),
  artifact TEXT NOT NULL,                                -- file relative to the project: positions, and whose they are
  createdAt TEXT NOT NULL
) STRICT;
`,
} as const;
