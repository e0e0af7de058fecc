/** @file How each attribution was made, and what it took. */
export const attributionChoices = {
  version: 60,
  sql: `
ALTER TABLE attributions ADD COLUMN choices TEXT NOT NULL DEFAULT '{}';   -- JSON: the choices it was asked for
ALTER TABLE attributions ADD COLUMN cost TEXT;                            -- JSON; null: not finished, or made before this was kept
UPDATE attributions SET choices = coalesce((SELECT config FROM runs WHERE runs.id = attributions.runId), '{}');
`,
} as const;
