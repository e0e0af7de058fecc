/** @file How many images each choice of the filter panel has, counted in one pass. */
import type { ColumnFacet, SampleFacets } from '../../contract/samples-service.ts';
import type { ClassId, Split, TagId } from '../../contract/vocabulary.ts';
import { quoteColumn } from '../../core/query/print-query.ts';
import { listColumns, MOST_VALUES, type ColumnEntry } from './columns.ts';
import type { Connection } from './connection.ts';
import { newestIssueRun } from './issues.ts';
import { matching, MatchedImages } from './matched-images.ts';
import { compileFilter, type CompleteFilter } from './sample-filter.ts';
import { countAllStates, countStates } from './sample-states.ts';

/** How many images share one combination of everything that the panel can choose by. */
interface Cell {
  readonly label: ClassId | null;
  readonly split: Split;
  readonly decision: SampleFacets['decisions'][number]['decision'];
  readonly missing: number;
  readonly excluded: 0 | 1;
  readonly count: number;
}

type Group = 'label' | 'split' | 'decision' | 'missing' | 'excluded';

interface Question {
  readonly connection: Connection;
  readonly filter: CompleteFilter;
  readonly matched: MatchedImages;
}

export function countFacets(connection: Connection, filter: CompleteFilter): SampleFacets {
  const question = { connection, filter, matched: new MatchedImages(connection) };
  const cells = readCells(question);
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
    tags: countTags(question),
    columns: listColumns(connection).map((column) => countColumn(question, column)),
    issues: filter.onlyIssues ? total(passing()) : countIssues(question),
    missing: total(passing('missing').filter((cell) => cell.missing === 1)),
    excluded: total(passing('excluded').filter((cell) => cell.excluded === 1)),
    total: total(passing()),
  };
}

const groups: readonly Group[] = ['label', 'split', 'decision', 'missing', 'excluded'];

function passes(cell: Cell, filter: CompleteFilter, group: Group): boolean {
  switch (group) {
    case 'label':
      return filter.labels.length === 0 || (cell.label !== null && filter.labels.includes(cell.label));
    case 'split':
      return filter.splits.length === 0 || filter.splits.includes(cell.split);
    case 'decision':
      return filter.decisions.length === 0 || filter.decisions.includes(cell.decision);
    case 'missing':
      return !filter.onlyMissing || cell.missing === 1;
    case 'excluded':
      return !filter.onlyExcluded || cell.excluded === 1;
  }
}

function readCells({ connection, filter, matched }: Question): Cell[] {
  // Conditions that a cell does not tell apart hold for every count.
  const condition = compileFilter(connection, {
    ...filter,
    ...{ labels: [], splits: [], decisions: [], onlyMissing: false, onlyExcluded: false },
  });
  const test = matched.test(condition);
  const states = test === null ? countAllStates(connection) : countStates(connection, test('s.id'));
  return states.flatMap(({ count, changedCount: _, excludedCount, ...state }) => {
    const cell = { ...state, decision: state.decision ?? ('none' as const) };
    return [
      ...(count > excludedCount ? [{ ...cell, excluded: 0 as const, count: count - excludedCount }] : []),
      ...(excludedCount > 0 ? [{ ...cell, excluded: 1 as const, count: excludedCount }] : []),
    ];
  });
}

/** From the queue's side: it may be much shorter than the list of images. */
function countIssues({ connection, filter, matched }: Question): number {
  const runId = newestIssueRun(connection);
  const test = matched.test(compileFilter(connection, filter));
  if (test === null)
    return (connection.prepare('SELECT issueCount FROM issueRuns WHERE runId = ?').pluck().get(runId) ??
      0) as number;
  const { sql, parameters } = test('r.sampleId');
  return connection
    .prepare(`SELECT count(*) FROM issues r WHERE r.runId = ? AND ${sql}`)
    .pluck()
    .get(runId, ...parameters) as number;
}

/** Under the filter without its own tags. */
function countTags({ connection, filter, matched }: Question): { id: TagId; count: number }[] {
  const test = matched.test(compileFilter(connection, { ...filter, tags: [] }));
  const { sql, parameters } = matching(test, 't.sampleId');
  return connection
    .prepare(`SELECT t.tagId AS id, count(*) AS count FROM sampleTags t WHERE ${sql} GROUP BY 1 ORDER BY 1`)
    .all(...parameters) as { id: TagId; count: number }[];
}

/** Under the filter without the column's own condition. */
function countColumn({ connection, filter, matched }: Question, column: ColumnEntry): ColumnFacet {
  const { id, name, kind, valueCount, least, greatest, topValues } = column;
  const facet = { id, name, field: quoteColumn(name), kind, valueCount };
  if (kind === 'number' && valueCount > MOST_VALUES && least !== null && greatest !== null)
    return { ...facet, values: [], range: { from: least, to: greatest } };
  const others = filter.columns.filter(({ columnId }) => columnId !== id);
  const test = matched.test(compileFilter(connection, { ...filter, columns: others }));
  if (test === null) return { ...facet, values: [...topValues], range: null };
  const { sql, parameters } = test('v.sampleId');
  const values = connection
    .prepare(
      `SELECT v.value, count(*) AS count FROM columnValues v WHERE v.columnId = ? AND ${sql}
       GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MOST_VALUES}`,
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
