/** @file Decisions in a word or two. */
export const decisionWords = {
  none: 'Not decided',
  keep: 'Kept',
  accept: 'Suggestion accepted',
  other: 'Other class',
  skip: 'Skipped',
} as const;
