/** @file Scores of groups for queries, by any method: of models without each group, or of the groups' single images. */
import type { FoundGroups, GroupWork } from './group-work.ts';
import { isAltering, scoreByRemoval } from './score-by-removal.ts';
import { scoreBySums } from './score-by-sums.ts';

/** Reports the fraction of this work alone. */
export function scoreGroups(work: GroupWork): Promise<FoundGroups> {
  const { config } = work;
  return isAltering(config) ? scoreByRemoval({ ...work, config }) : scoreBySums(work);
}
