/** @file What a project amounts to, in counts. */
import { present } from '../../core/base/assert.ts';
import type { ProjectSummary } from '../../contract/projects-service.ts';
import { listClasses } from './classes.ts';
import { summarizeIssues } from './issues.ts';
import type { ProjectFolder } from './project-folder.ts';
import { readProjectValue } from './project-values.ts';

type Counts = Pick<ProjectSummary, 'sampleCount' | 'missingCount' | 'decidedCount' | 'changedLabelCount'>;

export function summarizeProject(folder: ProjectFolder): ProjectSummary {
  const { connection } = folder;
  const count = (table: 'problems' | 'models'): number =>
    connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  const counts = connection
    .prepare(
      `SELECT count(*) AS sampleCount, coalesce(sum(missing), 0) AS missingCount, count(decision) AS decidedCount,
              coalesce(sum(label IS NOT givenLabel), 0) AS changedLabelCount FROM samples`,
    )
    .get() as Counts;
  const splits = connection.prepare('SELECT split, count(*) FROM samples GROUP BY split').raw().all();
  const issues = summarizeIssues(connection);
  return {
    path: folder.path,
    name: folder.name,
    createdAt: present(readProjectValue(connection, 'createdAt'), 'the project’s time of creation'),
    ...counts,
    problemCount: count('problems'),
    splitCounts: {
      train: 0,
      val: 0,
      test: 0,
      ...(Object.fromEntries(splits as [string, number][]) as Partial<ProjectSummary['splitCounts']>),
    },
    classes: listClasses(connection),
    modelCount: count('models'),
    issueCount: issues.total,
    openIssueCount: issues.total - issues.decided,
  };
}
