/** @file What trainings saw of each image, and what an issue run was ranked by and made of the noise. */
export const labelSignals = {
  version: 70,
  sql: `
-- Means over the trainings of a run that an image took part in (core/curation/training-dynamics.ts).
CREATE TABLE trainingDynamics (
  modelId INTEGER NOT NULL REFERENCES models(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  margin REAL NOT NULL,
  loss REAL NOT NULL,
  errorLength REAL NOT NULL,
  forgettings REAL NOT NULL,        -- infinite: never learned
  PRIMARY KEY (modelId, sampleId)
) STRICT, WITHOUT ROWID;

ALTER TABLE issueRuns ADD COLUMN method TEXT NOT NULL DEFAULT 'combined';

-- Images by given and estimated true label; cells without images are left out.
CREATE TABLE issueNoise (
  runId INTEGER NOT NULL REFERENCES issueRuns(runId),
  givenLabel INTEGER NOT NULL REFERENCES classes(id),
  trueLabel INTEGER NOT NULL REFERENCES classes(id),
  count INTEGER NOT NULL,
  PRIMARY KEY (runId, givenLabel, trueLabel)
) STRICT, WITHOUT ROWID;
`,
} as const;
