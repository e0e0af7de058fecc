/** @file Tags that people give, the columns of imported tables, and groups made of either. */
export const tags = {
  version: 110,
  rebuildsTables: true,
  sql: `
-- The same table, with one more kind of event.
CREATE TABLE newEvents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('decide', 'tag', 'undo', 'redo', 'add-class', 'import')),
  targetEventId INTEGER REFERENCES events(id),
  text TEXT NOT NULL,
  payload TEXT NOT NULL CHECK (json_valid(payload))
) STRICT;
INSERT INTO newEvents SELECT id, at, reviewer, kind, targetEventId, text, payload FROM events ORDER BY id;
DROP TABLE events;
ALTER TABLE newEvents RENAME TO events;
CREATE INDEX eventsByTarget ON events(targetEventId) WHERE targetEventId IS NOT NULL;
CREATE TRIGGER eventsAreNeverChanged BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventsAreNeverDeleted BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE newGroups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('class', 'folder', 'tag', 'column', 'filter', 'selection', 'subset')),
  definition TEXT NOT NULL,
  createdAt TEXT NOT NULL,
  UNIQUE (kind, definition)
) STRICT;
INSERT INTO newGroups SELECT id, name, kind, definition, createdAt FROM groups ORDER BY id;
DROP TABLE groups;
ALTER TABLE newGroups RENAME TO groups;

CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- A projection of the event log, as the labels are.
CREATE TABLE sampleTags (
  tagId INTEGER NOT NULL REFERENCES tags(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  PRIMARY KEY (tagId, sampleId)
) STRICT, WITHOUT ROWID;
CREATE INDEX sampleTagsBySample ON sampleTags(sampleId, tagId);

-- Only images that the event changed, so that taking it back gives what was there before.
CREATE TABLE eventTags (
  eventId INTEGER NOT NULL REFERENCES events(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  tagId INTEGER NOT NULL REFERENCES tags(id),
  added INTEGER NOT NULL CHECK (added IN (0, 1)),
  PRIMARY KEY (eventId, sampleId, tagId)
) STRICT, WITHOUT ROWID;
CREATE INDEX eventTagsBySample ON eventTags(sampleId);
CREATE TRIGGER eventTagsAreNeverChanged BEFORE UPDATE ON eventTags
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventTagsAreNeverDeleted BEFORE DELETE ON eventTags
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- What each event is about, whatever it did.
CREATE VIEW eventImages AS
  SELECT eventId, sampleId FROM eventSamples UNION ALL SELECT eventId, sampleId FROM eventTags;

-- Columns of imported tables beside path, label and split; by name, over all sources.
CREATE TABLE columns (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE columnValues (
  columnId INTEGER NOT NULL REFERENCES columns(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  value TEXT NOT NULL,              -- as it stands in the table; an empty cell has no row
  number REAL,                      -- what it says as a number; null: no number
  PRIMARY KEY (columnId, sampleId)
) STRICT, WITHOUT ROWID;
CREATE INDEX columnValuesByValue ON columnValues(columnId, value, sampleId);
CREATE INDEX columnValuesByNumber ON columnValues(columnId, number, sampleId) WHERE number IS NOT NULL;
CREATE INDEX columnValuesBySample ON columnValues(sampleId);
`,
} as const;
