/** @file How many images each choice of the filter panel has, counted in one pass. */
import type { SampleFacets } from '../../contract/samples-service.ts';
import type { ClassId, Split } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import {
  issueCondition,
  subsetConditions,
  textConditions,
  type CompleteFilter,
  suggestedConditions,
} from './sample-filter.ts';

/** How many images share one combination of everything that the panel can choose by. */
interface Cell {
  readonly label: ClassId | null;
  readonly split: Split;
  readonly decision: SampleFacets['decisions'][number]['decision'];
  readonly issue: number;
  readonly missing: number;
  readonly count: number;
}

type Group = 'label' | 'split' | 'decision' | 'issue' | 'missing';

export function countFacets(connection: Connection, filter: CompleteFilter): SampleFacets {
  const cells = readCells(connection, filter);
  /** The cells that pass every group's choices but those of `open`. */
  const passing = (open?: Group): Cell[] =>
    cells.filter((cell) => groups.every((group) => group === open || passes(cell, filter, group)));
  const labels = countBy(passing('label'), (cell) => cell.label);
  const splits = countBy(passing('split'), (cell) => cell.split);
  const decisions = countBy(passing('decision'), (cell) => cell.decision);
  return {
    labels: labels.map(([id, count]) => ({ id, count })),
    splits: splits.map(([split, count]) => ({ split, count })),
    decisions: decisions.map(([decision, count]) => ({ decision, count })),
    issues: total(passing('issue').filter((cell) => cell.issue === 1)),
    missing: total(passing('missing').filter((cell) => cell.missing === 1)),
    total: total(passing()),
  };
}

const groups: readonly Group[] = ['label', 'split', 'decision', 'issue', 'missing'];

function passes(cell: Cell, filter: CompleteFilter, group: Group): boolean {
  switch (group) {
    case 'label':
      return filter.labels.length === 0 || (cell.label !== null && filter.labels.includes(cell.label));
    case 'split':
      return filter.splits.length === 0 || filter.splits.includes(cell.split);
    case 'decision':
      return filter.decisions.length === 0 || filter.decisions.includes(cell.decision);
    case 'issue':
      return !filter.onlyIssues || cell.issue === 1;
    case 'missing':
      return !filter.onlyMissing || cell.missing === 1;
  }
}

function readCells(connection: Connection, { text, subset, suggestedLabels }: CompleteFilter): Cell[] {
  const issue = issueCondition(connection);
  // What the panel cannot choose among: it holds for every count.
  const always = [
    ...textConditions(connection, text),
    ...subsetConditions(subset),
    ...suggestedConditions(connection, suggestedLabels),
  ];
  return connection
    .prepare(
      `SELECT s.label, s.split, coalesce(s.decision, 'none') AS decision, ${issue.sql} AS issue, s.missing,
              count(*) AS count
       FROM samples s WHERE ${always.map((condition) => condition.sql).join(' AND ') || 'TRUE'}
       GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3`,
    )
    .all(...issue.parameters, ...always.flatMap((condition) => condition.parameters)) as Cell[];
}

function countBy<Key>(cells: readonly Cell[], keyOf: (cell: Cell) => Key): [Key, number][] {
  const counts = new Map<Key, number>();
  for (const cell of cells) counts.set(keyOf(cell), (counts.get(keyOf(cell)) ?? 0) + cell.count);
  return [...counts];
}

function total(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.count, 0);
}
