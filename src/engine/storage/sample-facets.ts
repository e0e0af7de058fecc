/** @file How many images each choice of the filter panel has, counted in one pass. */
import type { ColumnFacet, SampleFacets } from '../../contract/samples-service.ts';
import type { ClassId, Split, TagId } from '../../contract/vocabulary.ts';
import { listColumns, type ColumnEntry } from './columns.ts';
import type { Connection } from './connection.ts';
import {
  columnConditions,
  compileFilter,
  issueCondition,
  subsetConditions,
  tagConditions,
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

/** More values of one column than a person chooses among. */
const MOST_VALUES = 24;

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
    tags: countTags(connection, filter),
    columns: listColumns(connection).map((column) => countColumn(connection, filter, column)),
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

function readCells(
  connection: Connection,
  { text, subset, suggestedLabels, tags, columns }: CompleteFilter,
): Cell[] {
  const issue = issueCondition(connection);
  // What a cell does not tell apart: it holds for every count.
  const always = [
    ...textConditions(connection, text),
    ...subsetConditions(subset),
    ...suggestedConditions(connection, suggestedLabels),
    ...tagConditions(tags),
    ...columnConditions(columns),
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

/** Under the filter without its own tags. */
function countTags(connection: Connection, filter: CompleteFilter): { id: TagId; count: number }[] {
  const { sql, parameters } = compileFilter(connection, { ...filter, tags: [] });
  return connection
    .prepare(
      `SELECT t.tagId AS id, count(*) AS count FROM sampleTags t JOIN samples s ON s.id = t.sampleId
       WHERE ${sql} GROUP BY 1 ORDER BY 1`,
    )
    .all(...parameters) as { id: TagId; count: number }[];
}

/** Under the filter without the column's own condition. */
function countColumn(
  connection: Connection,
  filter: CompleteFilter,
  { id, name, kind, valueCount }: ColumnEntry,
): ColumnFacet {
  const facet = { id, name, kind, valueCount };
  if (kind === 'number' && valueCount > MOST_VALUES) {
    const range = connection
      .prepare(`SELECT min(number) AS "from", max(number) AS "to" FROM columnValues WHERE columnId = ?`)
      .get(id) as { from: number; to: number };
    return { ...facet, values: [], range };
  }
  const others = filter.columns.filter(({ columnId }) => columnId !== id);
  const { sql, parameters } = compileFilter(connection, { ...filter, columns: others });
  // Without conditions the values alone are counted, in the order of their index, several times faster.
  const among = sql === 'TRUE' ? '' : 'JOIN samples s ON s.id = v.sampleId';
  const values = connection
    .prepare(
      `SELECT v.value, count(*) AS count FROM columnValues v ${among}
       WHERE v.columnId = ? AND ${sql} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MOST_VALUES}`,
    )
    .all(id, ...parameters) as { value: string; count: number }[];
  return { ...facet, values, range: null };
}

function countBy<Key>(cells: readonly Cell[], keyOf: (cell: Cell) => Key): [Key, number][] {
  const counts = new Map<Key, number>();
  for (const cell of cells) counts.set(keyOf(cell), (counts.get(keyOf(cell)) ?? 0) + cell.count);
  return [...counts];
}

function total(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.count, 0);
}
