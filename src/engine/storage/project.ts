/** @file What a project amounts to, in counts. */
import { present } from '../../core/base/assert.ts';
import type { ProjectSummary } from '../../contract/projects-service.ts';
import type { Split } from '../../contract/vocabulary.ts';
import { classNames } from './classes.ts';
import { summarizeIssues } from './issues.ts';
import type { ProjectFolder } from './project-folder.ts';
import { countAllStates, type StateCount } from './sample-states.ts';
import { readProjectValue } from './project-values.ts';

export function summarizeProject(folder: ProjectFolder): ProjectSummary {
  const { connection } = folder;
  const count = (table: 'problems' | 'models'): number =>
    connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  const cells = countAllStates(connection);
  const sum = (of: (cell: StateCount) => number): number =>
    cells.reduce((whole, cell) => whole + of(cell), 0);
  const inSplit = (split: Split): number => sum((cell) => (cell.split === split ? cell.count : 0));
  const issues = summarizeIssues(connection);
  return {
    path: folder.path,
    name: folder.name,
    createdAt: present(readProjectValue(connection, 'createdAt'), 'the project’s time of creation'),
    sampleCount: sum(({ count }) => count),
    missingCount: sum(({ missing, count }) => (missing === 1 ? count : 0)),
    decidedCount: sum(({ decision, count }) => (decision === null ? 0 : count)),
    changedLabelCount: sum(({ changedCount }) => changedCount),
    problemCount: count('problems'),
    splitCounts: { train: inSplit('train'), val: inSplit('val'), test: inSplit('test') },
    classes: Array.from(classNames(connection), ([id, name]) => ({
      ...{ id, name },
      sampleCount: sum(({ label, count }) => (label === id ? count : 0)),
    })),
    modelCount: count('models'),
    issueCount: issues.total,
    openIssueCount: issues.total - issues.decided,
  };
}
