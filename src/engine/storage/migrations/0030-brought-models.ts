/** @file Models brought as files, and models fine-tuned from others. */
export const broughtModels = {
  version: 30,
  sql: `
ALTER TABLE models ADD COLUMN origin TEXT NOT NULL DEFAULT 'built-in' CHECK (origin IN ('built-in', 'file'));
ALTER TABLE models ADD COLUMN baseModelId INTEGER REFERENCES models(id);   -- what it was fine-tuned from
-- Share of right answers over all labelled images of the model's classes; null: made before this was kept.
ALTER TABLE models ADD COLUMN labelledAccuracy REAL;
ALTER TABLE models ADD COLUMN hint TEXT;                                   -- for a person: what looks wrong
`,
} as const;
