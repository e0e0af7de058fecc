/** @file The history of thumbs.db, which holds nothing that the originals could not give again. */
import type { Migration } from '../migrations/migration.ts';

export const thumbnailMigrations: readonly Migration[] = [
  {
    version: 10,
    sql: `
CREATE TABLE thumbnails (
  sampleId INTEGER NOT NULL,        -- samples.id of project.db
  size INTEGER NOT NULL,            -- longest side in pixels
  bytes BLOB NOT NULL,              -- WebP
  PRIMARY KEY (sampleId, size)
) STRICT;
`,
  },
];
