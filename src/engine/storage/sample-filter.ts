/** @file A filter of the grid as SQL over the table `samples`. */
import type { z } from 'zod';
import type { SampleFilter } from '../../contract/samples-service.ts';
import type { SubsetId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import { newestIssueRun } from './issues.ts';
import { excludedCondition, queryConditions, rangeConditions } from './query-condition.ts';
import { textConditions, type Condition } from './text-condition.ts';

/** A parsed filter, every field present. */
export type CompleteFilter = z.output<typeof SampleFilter>;

/** All conditions of a filter together. */
export function compileFilter(connection: Connection, filter: CompleteFilter): Condition {
  const conditions = [
    ...textConditions(connection, filter.text),
    ...queryConditions(connection, filter.query),
    ...oneOf('s.label', filter.labels),
    ...oneOf('s.split', filter.splits),
    ...oneOf("coalesce(s.decision, 'none')", filter.decisions),
    ...(filter.onlyIssues ? [issueCondition(connection)] : []),
    ...suggestedConditions(connection, filter.suggestedLabels),
    ...(filter.onlyMissing ? [{ sql: 's.missing = 1', parameters: [] }] : []),
    ...(filter.onlyExcluded ? [excludedCondition] : []),
    ...tagConditions(filter.tags),
    ...columnConditions(filter.columns),
    ...rangeConditions(connection, filter.ranges),
    ...subsetConditions(filter.subset),
  ];
  return {
    sql: conditions.length === 0 ? 'TRUE' : conditions.map((condition) => condition.sql).join(' AND '),
    parameters: conditions.flatMap((condition) => condition.parameters),
  };
}

/** The image is in the queue of the newest issue run. */
function issueCondition(connection: Connection): Condition {
  return {
    sql: 'EXISTS (SELECT 1 FROM issues i WHERE i.runId = ? AND i.sampleId = s.id)',
    parameters: [newestIssueRun(connection)],
  };
}

/** The image is a member of the subset; no condition where there is none. */
function subsetConditions(subset: SubsetId | null): Condition[] {
  if (subset === null) return [];
  const sql = 'EXISTS (SELECT 1 FROM subsetMembers m WHERE m.subsetId = ? AND m.sampleId = s.id)';
  return [{ sql, parameters: [subset] }];
}

/** The image has any of the tags. */
function tagConditions(tags: CompleteFilter['tags']): Condition[] {
  if (tags.length === 0) return [];
  const tagged = oneOf('t.tagId', tags)[0]!;
  const sql = `EXISTS (SELECT 1 FROM sampleTags t WHERE t.sampleId = s.id AND ${tagged.sql})`;
  return [{ sql, parameters: tagged.parameters }];
}

/** Each column holds one of its values, or a number within its ends. */
function columnConditions(columns: CompleteFilter['columns']): Condition[] {
  return columns.flatMap(({ columnId, values, from, to }) => {
    const parts = [
      ...oneOf('v.value', values),
      ...(from === null ? [] : [{ sql: 'v.number >= ?', parameters: [from] }]),
      ...(to === null ? [] : [{ sql: 'v.number <= ?', parameters: [to] }]),
    ];
    if (parts.length === 0) return [];
    const sql = `EXISTS (SELECT 1 FROM columnValues v WHERE v.columnId = ? AND v.sampleId = s.id
                   AND ${parts.map((part) => part.sql).join(' AND ')})`;
    return [{ sql, parameters: [columnId, ...parts.flatMap((part) => part.parameters)] }];
  });
}

/** The newest issue run suggests one of these classes for the image. */
function suggestedConditions(connection: Connection, labels: readonly number[]): Condition[] {
  if (labels.length === 0) return [];
  const suggested = oneOf('i.suggestedLabel', labels)[0]!;
  return [
    {
      sql: `EXISTS (SELECT 1 FROM issues i WHERE i.runId = ? AND i.sampleId = s.id AND ${suggested.sql})`,
      parameters: [newestIssueRun(connection), ...suggested.parameters],
    },
  ];
}

function oneOf(column: string, values: readonly (string | number)[]): Condition[] {
  if (values.length === 0) return [];
  return [{ sql: `${column} IN (${values.map(() => '?').join(', ')})`, parameters: values }];
}
