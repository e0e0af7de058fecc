/** @file What the images of a map are, for their colours: one value for each point, as things stand now. */
import type { MapColouring, MapColours } from '../../contract/maps-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { listColumns } from '../storage/columns.ts';
import type { Connection } from '../storage/connection.ts';
import { readPointValues, type SampleValue } from '../storage/point-values.ts';

/** More colours nobody tells apart: the rarer values share one. */
const MOST_ENTRIES = 12;

export function colourPoints(connection: Connection, sampleIds: Int32Array, by: MapColouring): MapColours {
  const values = readPointValues(connection, by);
  return isScale(connection, by) ? numbersOf(sampleIds, values) : categoriesOf(sampleIds, values);
}

/** A column of a few different numbers tells kinds apart. */
function isScale(connection: Connection, by: MapColouring): boolean {
  if (by.kind !== 'column') return by.kind === 'issue-score';
  const column = listColumns(connection).find(({ id }) => id === by.columnId);
  return column?.kind === 'number' && column.valueCount > MOST_ENTRIES;
}

/** Commonest first. An image of several values (tags, groups) shows the first. */
function categoriesOf(sampleIds: Int32Array, values: Iterable<SampleValue>): MapColours {
  const valueOf = firstValues(values, String);
  const counts = new Map<string, number>();
  let without = 0;
  for (const id of sampleIds) {
    const value = valueOf.get(id as SampleId);
    if (value === undefined) without++;
    else counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const shown = ranked.length > MOST_ENTRIES ? ranked.slice(0, MOST_ENTRIES - 1) : ranked;
  const rest = ranked.slice(shown.length);
  const place = new Map(ranked.map(([name], index) => [name, Math.min(index, shown.length)]));
  const entries = shown.map(([name, count]) => ({ name, count }));
  if (rest.length > 0)
    entries.push({ name: `${rest.length} others`, count: rest.reduce((sum, [, count]) => sum + count, 0) });
  const codes = Int32Array.from(sampleIds, (id) => {
    const value = valueOf.get(id as SampleId);
    return value === undefined ? -1 : place.get(value)!;
  });
  return { kind: 'categories', codes, entries, without };
}

function numbersOf(sampleIds: Int32Array, values: Iterable<SampleValue>): MapColours {
  const valueOf = firstValues(values, Number);
  const found = Float32Array.from(sampleIds, (id) => valueOf.get(id as SampleId) ?? NaN);
  const known = found.filter((value) => !Number.isNaN(value));
  return {
    kind: 'numbers',
    values: found,
    from: known.reduce((least, value) => Math.min(least, value), Infinity),
    to: known.reduce((most, value) => Math.max(most, value), -Infinity),
    without: found.length - known.length,
  };
}

function firstValues<Value>(
  values: Iterable<SampleValue>,
  convert: (value: string | number) => Value,
): Map<SampleId, Value> {
  const found = new Map<SampleId, Value>();
  for (const { sampleId, value } of values) if (!found.has(sampleId)) found.set(sampleId, convert(value));
  return found;
}
