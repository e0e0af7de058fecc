/**
 * @file Import rule of Einsum. Two operands at a time: labels of both that nothing later reads are summed by a matrix product, the other
 * common ones are its batch; what one operand alone has and nothing reads is summed first.
 */
import { shapeOf, type Graph, type Value } from '../../../graph/graph.ts';
import { matMul, mul, reshape, sum, transpose } from '../../../ops/build.ts';
import { elementCount } from '../../../tensor/tensor.ts';
import { limited, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';

/** A value with a label per axis. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
}

/** The axes that an ellipsis stands for, counted from the back, so that operands of other ranks agree. */
function ellipsisLabels(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `…${count - 1 - index}`);
}

function parseTerm(term: string, ellipsisRank: number): string[] {
  const [before, after] = term.split('...') as [string, string?];
  if (after === undefined) return Array.from(before);
  return [...Array.from(before), ...ellipsisLabels(ellipsisRank), ...Array.from(after)];
}

/** "bij,bjk->bik"; without an arrow the result has the ellipsis and then, sorted, every label that occurs once. */
function parseEquation(site: ImportSite): Equation {
  const [left, right] = site.text('equation', '').replaceAll(' ', '').split('->') as [string, string?];
  const terms = left.split(',');
  if (terms.length !== site.inputCount) site.refuse(`its equation has ${terms.length} operands`);
  const ranks = terms.map((term, index) =>
    term.includes('...') ? site.shapeOf(index).length - (term.length - 3) : 0,
  );
  const operands = terms.map((term, index) => parseTerm(term, ranks[index]!));
  if (operands.some((labels) => new Set(labels).size < labels.length)) {
    site.refuse('a label occurs twice in one operand (a diagonal)');
  }
  const ellipsisRank = Math.max(...ranks);
  if (right !== undefined) return { operands, result: parseTerm(right, ellipsisRank) };
  const letters = Array.from(left.replaceAll(/[.,]/g, ''));
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return { operands, result: [...ellipsisLabels(ellipsisRank), ...once.sort()] };
}

/** Sums over the labels that nothing else reads. */
function sumOut(graph: Graph, { value, labels }: Labelled, isNeeded: (label: string) => boolean): Labelled {
  const axes = labels.flatMap((label, axis) => (isNeeded(label) ? [] : [axis]));
  if (axes.length === 0) return { value, labels };
  return { value: sum(graph, value, { axes }), labels: labels.filter(isNeeded) };
}

function reorder(graph: Graph, { value, labels }: Labelled, order: readonly string[]): Value {
  return transpose(
    graph,
    value,
    order.map((label) => labels.indexOf(label)),
  );
}

function extentsOf({ value, labels }: Labelled, wanted: readonly string[]): number[] {
  return wanted.map((label) => shapeOf(value)[labels.indexOf(label)] ?? 1);
}

/** The product of two operands, with the labels that `isNeeded` later. */
function contract(
  graph: Graph,
  first: Labelled,
  second: Labelled,
  isNeeded: (label: string) => boolean,
): Labelled {
  const a = sumOut(graph, first, (label) => isNeeded(label) || second.labels.includes(label));
  const b = sumOut(graph, second, (label) => isNeeded(label) || first.labels.includes(label));
  const common = a.labels.filter((label) => b.labels.includes(label));
  const [batch, inner] = [common.filter(isNeeded), common.filter((label) => !isNeeded(label))];
  const [rows, columns] = [a, b].map(({ labels }) => labels.filter((label) => !common.includes(label)));
  const labels = [...batch, ...rows!, ...columns!];
  const [left, right] = [
    reorder(graph, a, [...batch, ...rows!, ...inner]),
    reorder(graph, b, [...batch, ...inner, ...columns!]),
  ];
  const [rowExtents, columnExtents] = [extentsOf(a, rows!), extentsOf(b, columns!)];
  const [batchA, batchB] = [extentsOf(a, batch), extentsOf(b, batch)];
  if (inner.length === 0) {
    const ones = (list: readonly number[]): number[] => list.map(() => 1);
    const spreadA = reshape(graph, left, [...batchA, ...rowExtents, ...ones(columnExtents)]);
    const spreadB = reshape(graph, right, [...batchB, ...ones(rowExtents), ...columnExtents]);
    return { value: mul(graph, spreadA, spreadB), labels };
  }
  const length = elementCount(extentsOf(a, inner));
  const product = matMul(
    graph,
    reshape(graph, left, [...batchA, elementCount(rowExtents), length]),
    reshape(graph, right, [...batchB, length, elementCount(columnExtents)]),
  );
  const batchExtents = shapeOf(product).slice(0, batch.length);
  return { value: reshape(graph, product, [...batchExtents, ...rowExtents, ...columnExtents]), labels };
}

function einsum(site: ImportSite): Value {
  const { operands, result } = parseEquation(site);
  const pending = operands.map((labels, index): Labelled => ({ value: site.input(index), labels }));
  let done = pending.shift()!;
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const later = new Set([...result, ...pending.flatMap(({ labels }) => labels)]);
    done = contract(site.graph, done, next, (label) => later.has(label));
  }
  done = sumOut(site.graph, done, (label) => result.includes(label));
  return reorder(site.graph, done, result);
}

export const einsumRules: ImportRules = {
  Einsum: limited('no label twice in one operand', (site) => [einsum(site)]),
};
