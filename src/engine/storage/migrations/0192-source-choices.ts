/** @file What a person said of a source where the guess was wrong. */
export const sourceChoices = {
  version: 192,
  sql: `
-- contract/imports-service.ts: layout, columns, folder of the images; and the path that was asked for, which may not be the source's.
ALTER TABLE sources ADD COLUMN choices TEXT CHECK (choices IS NULL OR json_valid(choices));
`,
} as const;
