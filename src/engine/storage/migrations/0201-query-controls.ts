/** @file What scores of query images are judged against. */
export const queryControls = {
  version: 201,
  sql: `
-- Of all scores of each query, and of images of which it is known what should come out; null: an earlier version kept none.
ALTER TABLE queryAttributions ADD COLUMN background TEXT CHECK (background IS NULL OR json_valid(background));
-- Over the members of the ensemble; null: one member, or an earlier version.
ALTER TABLE queryInfluences ADD COLUMN deviation REAL;
`,
} as const;
