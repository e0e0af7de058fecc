/** @file How images spread over the values of a number: counted under the filter without the number's own condition. */
import type { SampleHistogram } from '../../contract/samples-service.ts';
import { parseField } from '../../core/query/parse-query.ts';
import { queryError } from '../../core/query/query-error.ts';
import type { Connection } from './connection.ts';
import { fieldKind, sourceOf } from './query-fields.ts';
import { matching, MatchedImages } from './matched-images.ts';
import { compileFilter, type CompleteFilter } from './sample-filter.ts';

/** From the smallest to the largest value in the whole project, in `bins` parts of equal width; null where no image has one. */
export function countHistogram(
  connection: Connection,
  filter: CompleteFilter,
  name: string,
  bins: number,
  matched: MatchedImages = new MatchedImages(connection),
): SampleHistogram | null {
  const field = parseField(name);
  if (!['number', 'column'].includes(fieldKind(field))) throw queryError(`${name} holds no numbers`, 0);
  const source = sourceOf(connection, field);
  const [table, scope, parameters] =
    source.kind === 'inline'
      ? ['samples s', 'TRUE', []]
      : [`${source.table} r`, source.scope, source.scopeParameters];
  const value = source.kind === 'inline' ? source.value : (source.number ?? source.value);
  // Two questions: each end is read from an index where there is one.
  const end = (which: 'min' | 'max'): number | null =>
    connection
      .prepare(`SELECT ${which}(${value}) FROM ${table} WHERE ${scope}`)
      .pluck()
      .get(...parameters) as number | null;
  const [from, to] = [end('min'), end('max')];
  if (from === null || to === null) return null;
  const open = withoutRange(connection, filter, name);
  const test = matched.test(compileFilter(connection, open));
  const { sql, parameters: filterParameters } = matching(
    test,
    source.kind === 'inline' ? 's.id' : 'r.sampleId',
  );
  const rows = connection
    .prepare(
      `SELECT min(CAST((${value} - @from) * @scale AS INTEGER), @last) AS bin, count(*) AS count FROM ${table}
       WHERE ${scope} AND ${value} IS NOT NULL AND ${sql} GROUP BY 1`,
    )
    .all(
      { from, scale: to > from ? bins / (to - from) : 0, last: bins - 1 },
      ...parameters,
      ...filterParameters,
    );
  const counts = Array<number>(bins).fill(0);
  for (const { bin, count } of rows as { bin: number; count: number }[]) counts[bin] = count;
  return { field: name, from, to, counts };
}

function withoutRange(connection: Connection, filter: CompleteFilter, name: string): CompleteFilter {
  const field = parseField(name);
  const columnId =
    field.kind === 'column'
      ? connection.prepare('SELECT id FROM columns WHERE name = ?').pluck().get(field.name)
      : null;
  return {
    ...filter,
    ranges: filter.ranges.filter((range) => range.field !== name),
    columns: filter.columns.filter((column) => column.columnId !== columnId),
  };
}
