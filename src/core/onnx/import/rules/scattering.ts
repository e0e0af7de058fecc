/** @file Import rules of the operators that put elements into a copy of their first input, in place of what is there or added to it. */
import { shapeOf, type Graph, type Value } from '../../../graph/graph.ts';
import {
  add,
  constant,
  gather,
  greater,
  int64Constant,
  onesLike,
  reshape,
  scatterAdd,
  scatterElementsAdd,
  where,
} from '../../../ops/build.ts';
import { normalizeAxis } from '../../../tensor/shape.ts';
import { elementCount } from '../../../tensor/tensor.ts';
import { limited, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';
import { flatPositions, fromFront, knownNumbers } from './element-positions.ts';
import { assignGrid, gridOf } from './grid-assignment.ts';

/** Whether updates are added; anything but that and replacing is refused. */
function isAdding(site: ImportSite): boolean {
  const reduction = site.text('reduction', 'none');
  if (reduction !== 'none' && reduction !== 'add') site.refuse(`reduction ${reduction} is not supported`);
  return reduction === 'add';
}

/** `data` with the scattered updates; where updates replace, only at the positions that one of them names. */
function merged(
  graph: Graph,
  data: Value,
  updates: Value,
  isAdded: boolean,
  scatter: (values: Value) => Value,
): Value {
  if (isAdded) return add(graph, data, scatter(updates));
  return where(graph, greater(graph, scatter(onesLike(graph, updates)), 0), scatter(updates), data);
}

/** Rows of `rest` elements at positions within the axes that a tuple indexes. */
function scatteredByTuples(site: ImportSite): Value {
  const { graph } = site;
  const data = site.input(0);
  const tuples = site.input(1, 'frozen');
  const width = shapeOf(tuples).at(-1)!;
  const indexed = shapeOf(data).slice(0, width);
  const [rowCount, inner] = [elementCount(indexed), elementCount(shapeOf(data).slice(width))];
  const isAdded = isAdding(site);
  const positions = reshape(graph, flatPositions(graph, tuples, indexed), [-1]);
  const known = isAdded ? null : knownNumbers(positions);
  if (known?.length === 0) return data;
  const grid = known === null ? null : gridOf(known, indexed);
  if (grid !== null) return assignGrid(graph, data, site.input(2), grid);
  const updates = reshape(graph, site.input(2), [-1, inner]);
  const rows = reshape(graph, data, [rowCount, inner]);
  const result =
    known === null
      ? merged(graph, rows, updates, isAdded, (values) =>
          scatterAdd(graph, values, positions, [rowCount, inner]),
        )
      : replacedRows(graph, rows, updates, known);
  return reshape(graph, result, shapeOf(data));
}

/** Of updates to one row the last one counts. With positions known, one gather picks each row of the result from old and new. */
function replacedRows(graph: Graph, rows: Value, updates: Value, positions: readonly number[]): Value {
  const [rowCount, inner] = shapeOf(rows) as [number, number];
  const update = new Map(positions.map((row, index) => [row, index]));
  const isNew = Array.from({ length: rowCount }, (_, row) => (update.has(row) ? 1 : 0));
  const source = Array.from({ length: rowCount }, (_, row) => update.get(row) ?? 0);
  const spread = gather(graph, updates, int64Constant(graph, source));
  const mask = constant(graph, [rowCount, 1], isNew, 'bool');
  return reshape(graph, where(graph, mask, spread, rows), [rowCount, inner]);
}

function scatteredElements(site: ImportSite): Value {
  const { graph } = site;
  const data = site.input(0);
  const axis = normalizeAxis(site.int('axis', 0), shapeOf(data).length);
  const indices = fromFront(graph, site.input(1, 'frozen'), shapeOf(data)[axis]!);
  return merged(graph, data, site.input(2), isAdding(site), (values) =>
    scatterElementsAdd(graph, values, indices, shapeOf(data), axis),
  );
}

const limits = 'replacing and adding';

export const scatteringRules: ImportRules = {
  ScatterND: limited(limits, (site) => [scatteredByTuples(site)]),
  ScatterElements: limited(limits, (site) => [scatteredElements(site)]),
  Scatter: limited(limits, (site) => [scatteredElements(site)]),
};
