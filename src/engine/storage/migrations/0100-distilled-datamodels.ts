/** @file Synsets of models, and what was asked of them. */
export const distilledDatamodels = {
  version: 100,
  sql: `
CREATE TABLE synsets (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL UNIQUE REFERENCES runs(id),
  modelId INTEGER NOT NULL REFERENCES models(id),
  artifact TEXT NOT NULL,                                -- file relative to the project: images, scales, clusters
  choices TEXT NOT NULL CHECK (json_valid(choices)),
  clusterCount INTEGER NOT NULL,
  sampleCount INTEGER NOT NULL,
  matched TEXT NOT NULL CHECK (json_valid(matched)),     -- distances of gradients at each checkpoint, before and after
  seconds REAL NOT NULL,
  createdAt TEXT NOT NULL
) STRICT;

CREATE TABLE datamodelAnswers (
  runId INTEGER PRIMARY KEY REFERENCES runs(id),
  synsetId INTEGER NOT NULL REFERENCES synsets(id) ON DELETE CASCADE,
  modelId INTEGER NOT NULL REFERENCES models(id),
  artifact TEXT NOT NULL,                                -- file relative to the project: the attribution matrix
  answer TEXT NOT NULL CHECK (json_valid(answer)),
  createdAt TEXT NOT NULL
) STRICT;
`,
} as const;
