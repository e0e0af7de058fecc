/** @file Tags that are renamed and removed. */
export const tagNames = {
  version: 131,
  rebuildsTables: true,
  sql: `
-- The same table; names differ among the tags that are there, and a removed one keeps its own for what undoes the removal.
CREATE TABLE newTags (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT;
INSERT INTO newTags (id, name) SELECT id, name FROM tags ORDER BY id;
DROP TABLE tags;
ALTER TABLE newTags RENAME TO tags;
CREATE UNIQUE INDEX tagsByName ON tags(name) WHERE removed = 0;

-- What an event did to a tag itself.
CREATE TABLE eventTagNames (
  eventId INTEGER PRIMARY KEY REFERENCES events(id),
  tagId INTEGER NOT NULL REFERENCES tags(id),
  nameBefore TEXT NOT NULL,
  nameAfter TEXT NOT NULL,
  removed INTEGER NOT NULL CHECK (removed IN (0, 1))
) STRICT;
CREATE TRIGGER eventTagNamesAreNeverChanged BEFORE UPDATE ON eventTagNames
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventTagNamesAreNeverDeleted BEFORE DELETE ON eventTagNames
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
`,
} as const;
