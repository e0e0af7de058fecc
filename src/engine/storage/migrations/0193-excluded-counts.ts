/** @file How many labelled images a model's accuracies leave out. */
export const excludedCounts = {
  version: 193,
  sql: `
ALTER TABLE models ADD COLUMN excludedCount INTEGER;   -- null: made before this was kept, or it makes images
`,
} as const;
