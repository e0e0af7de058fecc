/** @file Generative models, the images that are asked about, groups of training images, and what was found of them. */
export const generativeModels = {
  version: 80,
  sql: `
ALTER TABLE models ADD COLUMN task TEXT NOT NULL DEFAULT 'classify' CHECK (task IN ('classify', 'generate'));
ALTER TABLE models ADD COLUMN denoiser TEXT CHECK (denoiser IS NULL OR json_valid(denoiser));   -- of task 'generate': how it was made

-- Images that are asked about. They are no samples: nothing learns from them.
CREATE TABLE queries (
  id INTEGER PRIMARY KEY,
  origin TEXT NOT NULL CHECK (origin IN ('generated', 'file')),
  modelId INTEGER REFERENCES models(id),
  runId INTEGER REFERENCES runs(id),
  place INTEGER,                    -- of a generated image within its run
  name TEXT NOT NULL,
  generation TEXT NOT NULL CHECK (json_valid(generation)),
  classId INTEGER REFERENCES classes(id),
  file TEXT NOT NULL,               -- relative to the project
  sha256 TEXT NOT NULL,             -- of the file
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  createdAt TEXT NOT NULL,
  UNIQUE (runId, place)
) STRICT;

CREATE TABLE queryAttributions (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL UNIQUE REFERENCES runs(id),
  modelId INTEGER NOT NULL REFERENCES models(id),
  choices TEXT NOT NULL CHECK (json_valid(choices)),
  damping REAL,                     -- absolute
  relativeDamping REAL,
  cost TEXT CHECK (cost IS NULL OR json_valid(cost)),
  createdAt TEXT NOT NULL
) STRICT;

-- The strongest training images per query. side: 1 proponents, −1 opponents.
CREATE TABLE queryInfluences (
  attributionId INTEGER NOT NULL REFERENCES queryAttributions(id) ON DELETE CASCADE,
  queryId INTEGER NOT NULL REFERENCES queries(id) ON DELETE CASCADE,
  side INTEGER NOT NULL CHECK (side IN (1, -1)),
  position INTEGER NOT NULL,
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  score REAL NOT NULL,
  PRIMARY KEY (attributionId, queryId, side, position)
) STRICT, WITHOUT ROWID;

-- Members are fixed when the group is made: later decisions about labels do not move them.
CREATE TABLE groups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('class', 'folder', 'filter', 'selection', 'subset')),
  definition TEXT NOT NULL,
  createdAt TEXT NOT NULL,
  UNIQUE (kind, definition)
) STRICT;

CREATE TABLE groupMembers (
  groupId INTEGER NOT NULL REFERENCES groups(id) ON DELETE CASCADE,
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  PRIMARY KEY (groupId, sampleId)
) STRICT, WITHOUT ROWID;
CREATE INDEX groupsBySample ON groupMembers(sampleId);

CREATE TABLE groupAttributions (
  id INTEGER PRIMARY KEY,
  runId INTEGER NOT NULL UNIQUE REFERENCES runs(id),
  modelId INTEGER NOT NULL REFERENCES models(id),
  choices TEXT NOT NULL CHECK (json_valid(choices)),
  -- Groups as they were then (id, name, size), queries, controls met, overlaps: what the scores mean stays readable where groups go.
  result TEXT CHECK (result IS NULL OR json_valid(result)),
  cost TEXT CHECK (cost IS NULL OR json_valid(cost)),
  createdAt TEXT NOT NULL
) STRICT;
`,
} as const;
