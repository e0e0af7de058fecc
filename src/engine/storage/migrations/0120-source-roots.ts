/** @file Sources of more kinds: what their images' paths are relative to is no longer always the source itself. */
export const sourceRoots = {
  version: 120,
  sql: `
-- Folder, archive or file that the samples' paths are relative to.
ALTER TABLE sources ADD COLUMN root TEXT NOT NULL DEFAULT '';
UPDATE sources SET root = path;
UPDATE sources SET kind = 'manifest' WHERE kind = 'labels-csv';
`,
} as const;
