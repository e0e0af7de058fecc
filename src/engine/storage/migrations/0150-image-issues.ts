/** @file What pictures measure, the issues found in them, and what was decided about those. */
export const imageIssues = {
  version: 150,
  sql: `
-- Of an image's pixels, so that another run need not read them again; 'sha256' is of the file that was measured.
CREATE TABLE imageMeasures (
  sampleId INTEGER PRIMARY KEY REFERENCES samples(id),
  sha256 TEXT NOT NULL,
  revision INTEGER NOT NULL,        -- of the way of measuring
  pixelHash TEXT NOT NULL,          -- SHA-256 of size and decoded pixels
  luminance REAL NOT NULL,
  shadows REAL NOT NULL,
  highlights REAL NOT NULL,
  contrast REAL NOT NULL,
  entropy REAL NOT NULL,
  sharpness REAL,                   -- null where there is no contrast
  signature BLOB NOT NULL           -- 32 × 32 bytes of brightness
) STRICT;

-- What each kind was last looked for with, and what came out.
CREATE TABLE imageIssueScans (
  kind TEXT PRIMARY KEY,
  runId INTEGER NOT NULL REFERENCES runs(id),
  threshold REAL,
  examined INTEGER NOT NULL,
  histogram TEXT CHECK (histogram IS NULL OR json_valid(histogram)),
  createdAt TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE imageIssues (
  kind TEXT NOT NULL REFERENCES imageIssueScans(kind),
  key TEXT NOT NULL,                -- of the images it is about: the same issue found again has the same
  rank INTEGER NOT NULL,
  score REAL NOT NULL,              -- 0 … 1
  value REAL,                       -- in the unit of the kind
  detail TEXT NOT NULL,
  conflicting INTEGER NOT NULL,     -- the images have different labels
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX imageIssuesByRank ON imageIssues(kind, rank);

CREATE TABLE imageIssueMembers (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  similarity REAL,                  -- to the first
  relation TEXT NOT NULL,           -- to the first: 'first', 'same-file', 'same-pixels', 'alike', 'mirrored', 'embedding'
  PRIMARY KEY (kind, key, position),
  FOREIGN KEY (kind, key) REFERENCES imageIssues(kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX imageIssueMembersBySample ON imageIssueMembers(sampleId);

-- Projections of the event log, as labels and tags are.
CREATE TABLE issueResolutions (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('keep', 'exclude', 'skip')),
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE exclusions (sampleId INTEGER PRIMARY KEY REFERENCES samples(id)) STRICT;

CREATE TABLE eventIssues (
  eventId INTEGER NOT NULL REFERENCES events(id),
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  stateBefore TEXT,
  stateAfter TEXT NOT NULL,
  PRIMARY KEY (eventId, kind, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE eventExclusions (
  eventId INTEGER NOT NULL REFERENCES events(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  excludedBefore INTEGER NOT NULL,
  excludedAfter INTEGER NOT NULL,
  PRIMARY KEY (eventId, sampleId)
) STRICT, WITHOUT ROWID;
CREATE INDEX eventExclusionsBySample ON eventExclusions(sampleId);
CREATE TRIGGER eventIssuesAreNeverChanged BEFORE UPDATE ON eventIssues
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventIssuesAreNeverDeleted BEFORE DELETE ON eventIssues
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventExclusionsAreNeverChanged BEFORE UPDATE ON eventExclusions
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventExclusionsAreNeverDeleted BEFORE DELETE ON eventExclusions
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

DROP VIEW eventImages;
CREATE VIEW eventImages AS
  SELECT eventId, sampleId FROM eventSamples UNION ALL SELECT eventId, sampleId FROM eventTags
  UNION ALL SELECT eventId, sampleId FROM eventExclusions;
`,
} as const;
