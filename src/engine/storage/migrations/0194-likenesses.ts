/** @file How like every image is to the one that was last asked about. */
export const likenesses = {
  version: 194,
  sql: `
CREATE TABLE likenesses (
  runId INTEGER NOT NULL REFERENCES runs(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  rank INTEGER NOT NULL,            -- 1: the image itself
  similarity REAL NOT NULL,         -- cosine of the embeddings
  PRIMARY KEY (runId, sampleId)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX likenessesByRank ON likenesses(runId, rank);
`,
} as const;
