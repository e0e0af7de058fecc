/**
 * @file Where the samples of a batch lie in every value of a graph. Models move the batch axis about and fold it together with tokens,
 * heads and windows; this follows it, and finds the operators that would mix samples.
 */
import { AppError } from '../base/app-error.ts';
import { assert, present } from '../base/assert.ts';
import { shapeOf, type GraphNode, type Value } from '../graph/graph.ts';
import { printNode } from '../graph/print.ts';
import type { BatchAxis } from './batch-axis.ts';
import { possibleAxes, sameAxis } from './batch-rules.ts';
import { nodesBetween } from './copy-graph.ts';

export interface BatchLayout {
  /** N */
  readonly batchSize: number;
  /** null: batch-free, the same for all samples. */
  readonly axisOf: (value: Value) => BatchAxis | null;
}

/**
 * The layout of all that `values` depend on. `batched` are values with one sample per row (their first axis), inputs as a rule.
 * Throws `model-mixes-samples` where an operator combines samples.
 */
export function batchLayout(values: readonly Value[], batched: readonly Value[]): BatchLayout {
  const batchSize = present(shapeOf(present(batched[0], 'a batched value'))[0], 'a batch axis');
  assert(
    batched.every((value) => shapeOf(value)[0] === batchSize),
    'all batched values have the same number of rows',
  );
  const rows = new Map<Value, Axes>(batched.map((value) => [value, [{ axis: 0, before: 1, after: 1 }]]));
  const path = nodesBetween(values, rows);
  const possible = allPossible(path, rows, batchSize);
  // One place each, unless in a batch of one: then a choice must agree with all that comes after it.
  if ([...possible.values()].some((axes) => axes.length > 1)) dropDeadEnds(path, possible, batchSize);
  const chosen = choose(path, rows, possible, batchSize);
  return { batchSize, axisOf: (value) => chosen.get(value)?.[0] ?? null };
}

type Axes = readonly BatchAxis[];

/** Every place where the samples may lie, forward through the graph. */
function allPossible(
  path: readonly GraphNode[],
  rows: ReadonlyMap<Value, Axes>,
  batchSize: number,
): Map<Value, Axes> {
  const possible = new Map(rows);
  for (const node of path) {
    if (!node.inputs.some((input) => possible.has(input))) continue;
    const found: BatchAxis[] = [];
    for (const inputAxes of combinations(node, possible)) {
      for (const axis of possibleAxes({ node, inputAxes, batchSize }))
        if (!found.some((known) => sameAxis(known, axis))) found.push(axis);
    }
    if (found.length === 0) throw mixing(node);
    for (const output of node.outputs) possible.set(output, found);
  }
  return possible;
}

/** Backward: a place stays only if it leads to one that stayed. */
function dropDeadEnds(path: readonly GraphNode[], possible: Map<Value, Axes>, batchSize: number): void {
  for (const node of path.toReversed()) {
    const goals = node.outputs.map((output) => possible.get(output));
    if (goals[0] === undefined) continue;
    const useful = combinations(node, possible).filter((inputAxes) =>
      possibleAxes({ node, inputAxes, batchSize }).some((axis) =>
        goals.every((goal) => goal!.some((wanted) => sameAxis(wanted, axis))),
      ),
    );
    if (useful.length === 0) throw mixing(node);
    node.inputs.forEach((input, index) => {
      const axes = possible.get(input);
      const kept = axes?.filter((axis) => useful.some((inputAxes) => inputAxes[index] === axis));
      if (kept !== undefined) possible.set(input, kept);
    });
  }
}

/** Forward again: the likeliest of what is left. */
function choose(
  path: readonly GraphNode[],
  rows: ReadonlyMap<Value, Axes>,
  possible: ReadonlyMap<Value, Axes>,
  batchSize: number,
): ReadonlyMap<Value, Axes> {
  const chosen = new Map(rows);
  for (const node of path) {
    if (!node.inputs.some((input) => chosen.has(input))) continue;
    const [inputAxes] = combinations(node, chosen);
    const found = possibleAxes({ node, inputAxes: inputAxes!, batchSize }).find((axis) =>
      node.outputs.every((output) => possible.get(output)!.some((kept) => sameAxis(kept, axis))),
    );
    if (found === undefined) throw mixing(node);
    for (const output of node.outputs) chosen.set(output, [found]);
  }
  return chosen;
}

/** One axis for each input, in every way; null for batch-free inputs. */
function combinations(node: GraphNode, possible: ReadonlyMap<Value, Axes>): (BatchAxis | null)[][] {
  return node.inputs.reduce<(BatchAxis | null)[][]>(
    (found, input) => {
      const axes = possible.get(input) ?? [null];
      return found.flatMap((inputAxes) => axes.map((axis) => [...inputAxes, axis]));
    },
    [[]],
  );
}

function mixing(node: GraphNode): AppError {
  return new AppError('model-mixes-samples', { op: node.op, node: printNode(node) });
}
