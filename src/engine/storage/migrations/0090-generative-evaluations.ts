/** @file Evaluations of how generated images were attributed. */
export const generativeEvaluations = {
  version: 90,
  sql: `
ALTER TABLE evaluations ADD COLUMN diffusionChoices TEXT;   -- JSON; null: no attribution of generated images was involved
`,
} as const;
