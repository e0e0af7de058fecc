/** @file The rows of a label export, page by page from one unchanging view of the project. */
import type { z } from 'zod';
import type { ExportScope } from '../../contract/findings-service.ts';
import type { SourceKind } from '../../contract/imports-service.ts';
import { idsOfSamples } from '../../contract/sample-set.ts';
import type { DecisionAction, SampleId, Split } from '../../contract/vocabulary.ts';
import { openConnection, type Connection } from './connection.ts';
import { newestIssueRun } from './issues.ts';
import { excludedCondition } from './query-condition.ts';
import { compileFilter } from './sample-filter.ts';
import type { Condition } from './text-condition.ts';

/** One image with the label it came with and the one it has now. */
export interface LabelRow {
  readonly id: SampleId;
  readonly sourceKind: SourceKind;
  /** What `path` is relative to. */
  readonly sourceRoot: string;
  readonly path: string;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly split: Split;
  readonly given: string | null;
  readonly corrected: string | null;
  readonly action: DecisionAction | null;
  /** Of the newest issue run, 0…1; null where it did not rank the image. */
  readonly score: number | null;
  /** The label that the newest issue run suggests, and whether a rule of it flagged the image; null: it did not rank it. */
  readonly suggested: string | null;
  readonly flagged: 0 | 1 | null;
  readonly reviewer: string | null;
  readonly time: string | null;
  readonly sha256: string;
  readonly excluded: boolean;
  readonly tags: readonly string[];
  /** Values by the column's name. */
  readonly cells: ReadonlyMap<string, string>;
}

type StoredRow = Omit<LabelRow, 'excluded' | 'tags' | 'cells'> & {
  readonly excluded: 0 | 1;
  readonly tags: string;
  readonly cells: string;
};

function toLabelRow({ excluded, tags, cells, ...row }: StoredRow): LabelRow {
  return {
    ...row,
    excluded: excluded === 1,
    tags: JSON.parse(tags) as string[],
    cells: new Map(Object.entries(JSON.parse(cells) as Record<string, string>)),
  };
}

function scopeCondition(connection: Connection, scope: z.output<typeof ExportScope>): Condition {
  switch (scope.kind) {
    case 'all':
      return { sql: 'TRUE', parameters: [] };
    case 'filter':
      return compileFilter(connection, scope.filter);
    case 'subset':
      return {
        sql: 's.id IN (SELECT sampleId FROM subsetMembers WHERE subsetId = ?)',
        parameters: [scope.subsetId],
      };
    case 'selection':
      return {
        sql: 's.id IN (SELECT value FROM json_each(?))',
        parameters: [JSON.stringify(idsOfSamples(scope.images))],
      };
  }
}

export function countSources(connection: Connection): number {
  return connection.prepare('SELECT count(*) FROM sources').pluck().get() as number;
}

/** Whether any image has a tag. */
export function hasTags(connection: Connection): boolean {
  return connection.prepare('SELECT 1 FROM sampleTags LIMIT 1').get() !== undefined;
}

/**
 * Every image of the scope in the order of import, `pageSize` at a time. Reads through a connection of its own, so that decisions made
 * while the export is written neither wait for it nor show in half of it.
 */
export function* pageLabels(
  connection: Connection,
  options: {
    readonly onlyChanged: boolean;
    readonly scope: z.output<typeof ExportScope>;
    readonly pageSize: number;
  },
): Generator<LabelRow[], void> {
  const view = openConnection(connection.name);
  try {
    view.exec('BEGIN');
    const scope = scopeCondition(view, options.scope);
    const select = view.prepare(
      `SELECT s.id, source.kind AS sourceKind, source.root AS sourceRoot, s.path, s.format, s.width, s.height, s.channels,
              s.split, given.name AS given, corrected.name AS corrected, suggested.name AS suggested, i.flagged,
              s.decision AS action, i.score, e.reviewer, e.at AS time, s.sha256,
              ${excludedCondition.sql} AS excluded,
              (SELECT json_group_array(t.name ORDER BY t.name) FROM sampleTags st JOIN tags t ON t.id = st.tagId
               WHERE st.sampleId = s.id) AS tags,
              (SELECT json_group_object(c.name, v.value) FROM columnValues v JOIN columns c ON c.id = v.columnId
               WHERE v.sampleId = s.id) AS cells
       FROM samples s
       JOIN sources source ON source.id = s.sourceId
       LEFT JOIN classes given ON given.id = s.givenLabel
       LEFT JOIN classes corrected ON corrected.id = s.label
       LEFT JOIN events e ON e.id = s.decisionEventId
       LEFT JOIN issues i ON i.runId = @runId AND i.sampleId = s.id
       LEFT JOIN classes suggested ON suggested.id = i.suggestedLabel
       WHERE s.id > @after AND ${scope.sql} ${options.onlyChanged ? 'AND s.label IS NOT s.givenLabel' : ''}
       ORDER BY s.id LIMIT @pageSize`,
    );
    const runId = newestIssueRun(view);
    for (let after = 0; ;) {
      const named = { runId, after, pageSize: options.pageSize };
      const rows = select.all(named, ...scope.parameters) as StoredRow[];
      if (rows.length === 0) return;
      yield rows.map(toLabelRow);
      after = rows.at(-1)!.id;
    }
  } finally {
    view.close();
  }
}
