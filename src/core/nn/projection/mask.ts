/** @file Some entries of the gradient picked at random; optionally sketched to fewer features (GraSS). */
import { Random } from '../../base/random.ts';
import type { SiteGradient } from '../../compiler/site-gradients.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { shapeOf } from '../../graph/graph.ts';
import { addAll, concat, gather, int64Constant, mul, sum } from '../../ops/build.ts';
import { elementCount, type Shape } from '../../tensor/tensor.ts';
import { partsOf, wholeGradientOf, type ParameterGradient } from '../parameter-gradients.ts';
import type { Projection } from '../projection.ts';
import { sketch, sketchPlan } from './sketch.ts';

/** How many entries are picked for each feature that they are sketched to. */
const MASK_FACTOR = 16;

export interface MaskPlan {
  /** The picked entries of each parameter, rising. */
  readonly picked: readonly (readonly number[])[];
  /** √(p/k'): inner products keep their mean. */
  readonly scale: number;
}

/** Every entry of every parameter draws a number of its own; the `count` smallest are picked. */
export function maskPlan(
  parameters: readonly { readonly name: string; readonly shape: Shape }[],
  wanted: number,
  seed: number,
): MaskPlan {
  const sizes = parameters.map(({ shape }) => elementCount(shape));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const count = Math.min(total, wanted);
  const draws = new Uint32Array(total);
  let start = 0;
  parameters.forEach(({ name }, index) => {
    const random = new Random(seed, `mask/${name}`);
    for (let entry = 0; entry < sizes[index]!; entry++) draws[start + entry] = random.uint32();
    start += sizes[index]!;
  });
  const highest = draws.toSorted()[count - 1]!;
  let [first, left] = [0, count];
  const picked = sizes.map((size) => {
    const entries: number[] = [];
    for (let entry = 0; entry < size && left > 0; entry++) {
      if (draws[first + entry]! > highest) continue;
      entries.push(entry);
      left--;
    }
    first += size;
    return entries;
  });
  return { picked, scale: Math.sqrt(total / count) };
}

export function maskWidth({ kind, size }: Projection): number {
  return kind === 'mask' ? size : MASK_FACTOR * size;
}

export function maskedFeatures(
  graph: Graph,
  gradients: readonly ParameterGradient[],
  projection: Projection,
): Value {
  const { picked, scale } = maskPlan(gradients, maskWidth(projection), projection.seed);
  const parts = gradients.flatMap((gradient, index) =>
    picked[index]!.length === 0 ? [] : [entriesOf(graph, gradient, picked[index]!)],
  );
  const entries = mul(graph, concat(graph, parts, 1), scale);
  if (projection.kind === 'mask') return entries;
  return sketch(graph, entries, sketchPlan('masked entries', shapeOf(entries)[1]!, projection));
}

/** [N, picked]: from the factors where there are any, so that the rest of the gradient is never formed. */
function entriesOf(graph: Graph, gradient: ParameterGradient, picked: readonly number[]): Value {
  const parts = partsOf(graph, gradient);
  const factors = parts.filter((part) => part.kind === 'product');
  if (factors.length > 0 && factors.length === parts.length) {
    return addAll(
      graph,
      factors.map((part) => productEntries(graph, part, picked)),
    );
  }
  return gather(graph, wholeGradientOf(graph, gradient), int64Constant(graph, picked), 1);
}

function productEntries(
  graph: Graph,
  { rows, columns }: Extract<SiteGradient, { kind: 'product' }>,
  picked: readonly number[],
): Value {
  const width = shapeOf(columns)[2]!;
  const left = int64Constant(
    graph,
    picked.map((entry) => Math.floor(entry / width)),
  );
  const right = int64Constant(
    graph,
    picked.map((entry) => entry % width),
  );
  return sum(graph, mul(graph, gather(graph, rows, left, 2), gather(graph, columns, right, 2)), {
    axes: [1],
  });
}
