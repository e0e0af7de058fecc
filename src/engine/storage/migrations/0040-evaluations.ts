/** @file What was measured about the methods on a model. */
export const evaluations = {
  version: 40,
  sql: `
CREATE TABLE evaluations (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL REFERENCES runs(id),
  modelId INTEGER NOT NULL REFERENCES models(id),
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  choices TEXT,                     -- JSON; null: no attribution was involved
  score REAL NOT NULL,
  deviation REAL,
  ceiling REAL,
  chance TEXT,                      -- JSON: mean and deviation
  figures TEXT NOT NULL,            -- JSON: number by name
  curves TEXT NOT NULL,             -- JSON
  cost TEXT,                        -- JSON
  createdAt TEXT NOT NULL
) STRICT;
CREATE INDEX evaluationsByModel ON evaluations(modelId);
CREATE INDEX evaluationsByRun ON evaluations(runId);
`,
} as const;
