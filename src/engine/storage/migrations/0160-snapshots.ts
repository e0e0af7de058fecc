/** @file Named places in the event log. */
export const snapshots = {
  version: 160,
  sql: `
CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- The last event that belongs to it; 0: before all of them.
  eventId INTEGER NOT NULL,
  reviewer TEXT NOT NULL,
  createdAt TEXT NOT NULL
) STRICT;
`,
} as const;
