/** @file Images that are added to groups or taken out of them, as events of the log. */
export const groupChanges = {
  version: 190,
  sql: `
-- Only images that the event changed. Groups are removed for good while the log stays, so nothing refers to them here;
-- a number that the log names is never given to another group.
CREATE TABLE eventGroups (
  eventId INTEGER NOT NULL REFERENCES events(id),
  groupId INTEGER NOT NULL,
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  added INTEGER NOT NULL CHECK (added IN (0, 1)),
  PRIMARY KEY (eventId, groupId, sampleId)
) STRICT, WITHOUT ROWID;
CREATE INDEX eventGroupsBySample ON eventGroups(sampleId);
CREATE INDEX eventGroupsByGroup ON eventGroups(groupId);
CREATE TRIGGER eventGroupsAreNeverChanged BEFORE UPDATE ON eventGroups
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventGroupsAreNeverDeleted BEFORE DELETE ON eventGroups
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

DROP VIEW eventImages;
CREATE VIEW eventImages AS
  SELECT eventId, sampleId FROM eventSamples UNION ALL SELECT eventId, sampleId FROM eventTags
  UNION ALL SELECT eventId, sampleId FROM eventExclusions UNION ALL SELECT eventId, sampleId FROM eventGroups;
`,
} as const;
