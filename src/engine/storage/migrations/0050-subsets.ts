/** @file Chosen subsets of the training images. */
export const subsets = {
  version: 50,
  sql: `
CREATE TABLE subsets (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL UNIQUE REFERENCES runs(id),
  modelId INTEGER NOT NULL REFERENCES models(id),
  name TEXT NOT NULL,
  strategy TEXT NOT NULL,
  choices TEXT NOT NULL CHECK (json_valid(choices)),   -- the whole configuration that it was chosen with
  keep TEXT NOT NULL CHECK (keep IN ('high', 'low')),
  candidateCount INTEGER NOT NULL,
  classes TEXT NOT NULL CHECK (json_valid(classes)),   -- what each class keeps
  folders TEXT NOT NULL CHECK (json_valid(folders)),   -- what each folder keeps
  predicted TEXT CHECK (predicted IS NULL OR json_valid(predicted)),
  measured TEXT CHECK (measured IS NULL OR json_valid(measured)),
  createdAt TEXT NOT NULL
) STRICT;

CREATE TABLE subsetMembers (
  subsetId INTEGER NOT NULL REFERENCES subsets(id) ON DELETE CASCADE,
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  position INTEGER NOT NULL,        -- in the order in which they were chosen
  score REAL,                       -- of the strategy; null: it has none for this image
  PRIMARY KEY (subsetId, sampleId)
) STRICT, WITHOUT ROWID;
`,
} as const;
