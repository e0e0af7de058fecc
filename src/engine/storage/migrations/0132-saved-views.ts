/** @file Filters and orders of Browse, kept by name. */
export const savedViews = {
  version: 132,
  sql: `
CREATE TABLE savedViews (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  filter TEXT NOT NULL CHECK (json_valid(filter)),       -- as the contract has it
  orderBy TEXT NOT NULL CHECK (json_valid(orderBy)),
  createdAt TEXT NOT NULL
) STRICT;
`,
} as const;
