/** @file Copyright cases: events of their own kind, searches for copies, and what files of queries say of themselves. */
export const cases = {
  version: 200,
  rebuildsTables: true,
  sql: `
-- The same table, with one more kind of event. 'case': one step in a case, whole in its payload.
CREATE TABLE newEvents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('decide', 'tag', 'undo', 'redo', 'add-class', 'import', 'case')),
  targetEventId INTEGER REFERENCES events(id),
  text TEXT NOT NULL,
  payload TEXT NOT NULL CHECK (json_valid(payload))
) STRICT;
INSERT INTO newEvents SELECT id, at, reviewer, kind, targetEventId, text, payload FROM events ORDER BY id;
DROP TABLE events;
ALTER TABLE newEvents RENAME TO events;
CREATE INDEX eventsByTarget ON events(targetEventId) WHERE targetEventId IS NOT NULL;
CREATE INDEX eventsByCase ON events(json_extract(payload, '$.caseId')) WHERE kind = 'case';
CREATE TRIGGER eventsAreNeverChanged BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventsAreNeverDeleted BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE copySearches (
  runId INTEGER PRIMARY KEY REFERENCES runs(id),
  result TEXT NOT NULL CHECK (json_valid(result)),
  createdAt TEXT NOT NULL
) STRICT;

-- What the file says of itself, unverified; null: nothing.
ALTER TABLE queries ADD COLUMN claimed TEXT CHECK (claimed IS NULL OR json_valid(claimed));
`,
} as const;
