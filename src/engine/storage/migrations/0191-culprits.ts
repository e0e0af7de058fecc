/** @file What images were flagged as culprits for. */
export const culprits = {
  version: 191,
  sql: `
-- The tag that a flag gives stands in eventTags, where the image did not have it before.
CREATE TABLE eventCulprits (
  eventId INTEGER NOT NULL REFERENCES events(id),
  sampleId INTEGER NOT NULL REFERENCES samples(id),
  source TEXT NOT NULL CHECK (json_valid(source)),  -- contract/culprits.ts
  PRIMARY KEY (eventId, sampleId)
) STRICT, WITHOUT ROWID;
CREATE INDEX eventCulpritsBySample ON eventCulprits(sampleId);
CREATE TRIGGER eventCulpritsAreNeverChanged BEFORE UPDATE ON eventCulprits
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventCulpritsAreNeverDeleted BEFORE DELETE ON eventCulprits
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

DROP VIEW eventImages;
CREATE VIEW eventImages AS
  SELECT eventId, sampleId FROM eventSamples UNION ALL SELECT eventId, sampleId FROM eventTags
  UNION ALL SELECT eventId, sampleId FROM eventExclusions UNION ALL SELECT eventId, sampleId FROM eventGroups
  UNION ALL SELECT c.eventId, c.sampleId FROM eventCulprits c WHERE NOT EXISTS
    (SELECT 1 FROM eventTags t WHERE t.eventId = c.eventId AND t.sampleId = c.sampleId);
`,
} as const;
