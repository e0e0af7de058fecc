/** @file The first schema: samples, events, runs, models, predictions, influences, issues. */
export const spine = {
  version: 10,
  sql: `
CREATE TABLE project (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE classes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- One imported folder or IDX pair. Sample paths are relative to it.
CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,
  importedAt TEXT NOT NULL
) STRICT;

CREATE TABLE samples (
  id INTEGER PRIMARY KEY,
  sourceId INTEGER NOT NULL REFERENCES sources(id),
  path TEXT NOT NULL,               -- relative to the source, '/' separated; IDX: 'train/000123'
  sha256 TEXT NOT NULL,             -- of the file; IDX: of the pixel bytes
  bytes INTEGER NOT NULL,
  modifiedMs INTEGER NOT NULL,      -- of the file, to skip unchanged ones on re-import
  format TEXT NOT NULL,
  width INTEGER NOT NULL,           -- after EXIF orientation
  height INTEGER NOT NULL,
  channels INTEGER NOT NULL,        -- 1 grey, 3 colour, 4 with alpha
  split TEXT NOT NULL CHECK (split IN ('train', 'val', 'test')),
  givenLabel INTEGER REFERENCES classes(id),
  -- A projection of the event log: the label after the decisions, and the last decision that stands.
  label INTEGER REFERENCES classes(id),
  decision TEXT CHECK (decision IN ('keep', 'accept', 'other', 'skip')),
  decisionEventId INTEGER REFERENCES events(id),
  missing INTEGER NOT NULL DEFAULT 0,
  importedAt TEXT NOT NULL,
  UNIQUE (sourceId, path)
) STRICT;
CREATE INDEX samplesByLabel ON samples(label);
CREATE INDEX samplesByDecision ON samples(decision) WHERE decision IS NOT NULL;
CREATE INDEX samplesBySha ON samples(sha256);

CREATE TABLE problems (
  id INTEGER PRIMARY KEY,
  sourceId INTEGER NOT NULL REFERENCES sources(id),
  path TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  bytes INTEGER,
  foundAt TEXT NOT NULL,
  UNIQUE (sourceId, path)
) STRICT;

-- Append-only. 'decide' carries before and after per sample; 'undo' and 'redo' name the event that they revert or restore.
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('decide', 'undo', 'redo', 'add-class', 'import')),
  targetEventId INTEGER REFERENCES events(id),
  text TEXT NOT NULL,
  payload TEXT NOT NULL CHECK (json_valid(payload))
) STRICT;
CREATE TRIGGER eventsAreNeverChanged BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventsAreNeverDeleted BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE eventSamples (
  eventId INTEGER NOT NULL REFERENCES events(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  labelBefore INTEGER,
  labelAfter INTEGER,
  decisionBefore TEXT,
  decisionAfter TEXT,
  decisionEventBefore INTEGER,
  PRIMARY KEY (eventId, sampleId)
) STRICT, WITHOUT ROWID;
CREATE INDEX eventSamplesBySample ON eventSamples(sampleId);

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'finished', 'failed', 'cancelled', 'interrupted')),
  config TEXT NOT NULL CHECK (json_valid(config)),
  -- What the result depends on besides the config: versions, input hashes.
  provenance TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(provenance)),
  progress TEXT CHECK (progress IS NULL OR json_valid(progress)),
  summary TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(summary)),
  errorCode TEXT,
  errorMessage TEXT,
  createdAt TEXT NOT NULL,
  startedAt TEXT,
  finishedAt TEXT
) STRICT;

CREATE TABLE models (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL REFERENCES runs(id),
  name TEXT NOT NULL,
  architecture TEXT NOT NULL,
  parameterCount INTEGER NOT NULL,
  imageSize INTEGER NOT NULL,
  channels INTEGER NOT NULL,
  classIds TEXT NOT NULL CHECK (json_valid(classIds)),   -- output index → class id
  -- Channel means and deviations of the training images, applied before the network.
  normalization TEXT NOT NULL CHECK (json_valid(normalization)),
  artifact TEXT NOT NULL,           -- folder under models/, relative to the project
  dataHash TEXT NOT NULL,           -- of (sample id, sha256, label, split) of everything it saw
  trainCount INTEGER NOT NULL,
  testAccuracy REAL,
  outOfSampleAccuracy REAL,
  createdAt TEXT NOT NULL
) STRICT;

CREATE TABLE epochs (
  runId INTEGER NOT NULL REFERENCES runs(id),
  fold INTEGER NOT NULL,            -- −1: the model on all training images
  epoch INTEGER NOT NULL,
  trainLoss REAL NOT NULL,
  trainAccuracy REAL NOT NULL,
  validationLoss REAL,
  validationAccuracy REAL,
  PRIMARY KEY (runId, fold, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE predictions (
  modelId INTEGER NOT NULL REFERENCES models(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  outOfSample INTEGER NOT NULL,
  fold INTEGER NOT NULL,            -- which fold's model predicted; −1: the model itself
  labelSeen INTEGER,                -- the label the model was trained with, or would have been
  probabilities BLOB NOT NULL,      -- float32 little-endian, one per entry of models.classIds
  PRIMARY KEY (modelId, sampleId)
) STRICT, WITHOUT ROWID;

CREATE TABLE attributions (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL REFERENCES runs(id),
  modelId INTEGER NOT NULL REFERENCES models(id),
  method TEXT NOT NULL,
  damping REAL,                     -- absolute
  relativeDamping REAL,
  createdAt TEXT NOT NULL
) STRICT;

-- The strongest training images per target. side: 1 proponents, −1 opponents; towards: see engine/attribution.
CREATE TABLE influences (
  attributionId INTEGER NOT NULL REFERENCES attributions(id),
  targetId INTEGER NOT NULL REFERENCES samples(id),
  side INTEGER NOT NULL CHECK (side IN (1, -1)),
  position INTEGER NOT NULL,
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  score REAL NOT NULL,
  PRIMARY KEY (attributionId, targetId, side, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE selfInfluences (
  attributionId INTEGER NOT NULL REFERENCES attributions(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  score REAL NOT NULL,
  PRIMARY KEY (attributionId, sampleId)
) STRICT, WITHOUT ROWID;

CREATE TABLE issueRuns (
  runId INTEGER PRIMARY KEY REFERENCES runs(id),
  modelId INTEGER NOT NULL REFERENCES models(id),
  estimatedNoise REAL,
  createdAt TEXT NOT NULL
) STRICT;

CREATE TABLE issues (
  runId INTEGER NOT NULL REFERENCES issueRuns(runId),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  rank INTEGER NOT NULL,
  score REAL NOT NULL,
  givenLabel INTEGER NOT NULL REFERENCES classes(id),
  suggestedLabel INTEGER NOT NULL REFERENCES classes(id),
  signals TEXT NOT NULL CHECK (json_valid(signals)),
  flagged INTEGER NOT NULL,
  PRIMARY KEY (runId, sampleId)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX issuesByRank ON issues(runId, rank);

-- Training images that pull an issue's sample towards its given and towards its suggested label.
CREATE TABLE issueEvidence (
  runId INTEGER NOT NULL REFERENCES issueRuns(runId),
  targetId INTEGER NOT NULL REFERENCES samples(id),
  towards TEXT NOT NULL CHECK (towards IN ('given', 'suggested')),
  position INTEGER NOT NULL,
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  score REAL NOT NULL,
  PRIMARY KEY (runId, targetId, towards, position)
) STRICT, WITHOUT ROWID;
`,
} as const;
