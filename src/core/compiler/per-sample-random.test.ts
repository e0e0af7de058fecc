import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildWith, score, type SampleGraph } from '../../../testing/sample-graphs.ts';
import { expectSame, oneByOne, perSample } from '../../../testing/sample-gradients.ts';
import { AppError } from '../base/app-error.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph, shapeOf, type Value } from '../graph/graph.ts';
import {
  add,
  concat,
  expand,
  gather,
  int64Constant,
  matMul,
  maximum,
  mean,
  mul,
  relu,
  reshape,
  slice,
  softmax,
  standardize,
  tanh,
  transpose,
} from '../ops/build.ts';
import { elementCount, numbersOf } from '../tensor/tensor.ts';
import { sampleFirst, type BatchAxis } from './batch-axis.ts';
import { batchLayout } from './batch-layout.ts';
import { copyForBatch } from './for-batch.ts';

/** What a step is drawn from: numbers that it takes modulo what is there. */
interface Draw {
  readonly step: keyof typeof steps;
  readonly a: number;
  readonly b: number;
}

type Step = (
  site: SampleGraph,
  x: Value,
  draw: { a: number; b: number; name: string; batchAxis: number },
) => Value;

/** A shape that broadcasts to `shape`: extent 1 on the batch axis and on those that `mask` has no bit for, and fewer axes. */
function partOf(shape: readonly number[], batchAxis: number, mask: number, dropped: number): number[] {
  return shape
    .map((extent, axis) => (axis !== batchAxis && (mask >> axis) & 1 ? extent : 1))
    .slice(dropped % (shape.length + 1));
}

const steps = {
  product: ({ graph, parameter }, x, { a, name }) =>
    matMul(graph, x, parameter(name, shapeOf(x).at(-1)!, 1 + (a % 3))),
  'product from the left': ({ graph, parameter }, x, { a, name }) =>
    matMul(graph, parameter(name, 1 + (a % 3), shapeOf(x).at(-2)!), x),
  'product with a stack': ({ graph, parameter }, x, { a, b, name, batchAxis }) => {
    const stack = partOf(shapeOf(x).slice(0, -2), batchAxis, a, 0);
    return matMul(graph, x, parameter(name, ...stack, shapeOf(x).at(-1)!, 1 + (b % 3)));
  },
  shift: ({ graph, parameter }, x, { a, b, name, batchAxis }) =>
    add(graph, x, parameter(name, ...partOf(shapeOf(x), batchAxis, a, b))),
  scale: ({ graph, parameter }, x, { a, b, name, batchAxis }) =>
    mul(graph, x, parameter(name, ...partOf(shapeOf(x), batchAxis, a, b))),
  bound: ({ graph, parameter }, x, { a, b, name, batchAxis }) =>
    maximum(graph, parameter(name, ...partOf(shapeOf(x), batchAxis, a, b)), x),
  turn: ({ graph }, x, { a, b }) => {
    const axes = shapeOf(x).map((_, axis) => axis);
    const [from, to] = [a % axes.length, b % axes.length];
    return transpose(graph, x, axes.with(from, to).with(to, from));
  },
  merge: ({ graph }, x, { a }) => {
    const shape = shapeOf(x);
    const axis = a % (shape.length - 1);
    return shape.length <= 2
      ? x
      : reshape(graph, x, [
          ...shape.slice(0, axis),
          shape[axis]! * shape[axis + 1]!,
          ...shape.slice(axis + 2),
        ]);
  },
  split: ({ graph }, x, { a, b, batchAxis }) => {
    const shape = shapeOf(x);
    const axis = a % shape.length;
    const parts = 2 + (b % 2);
    const rest = shape[axis]! / parts;
    return Number.isInteger(rest) && shape.length < 5 && axis !== batchAxis
      ? reshape(graph, x, [...shape.slice(0, axis), parts, rest, ...shape.slice(axis + 1)])
      : x;
  },
  join: ({ graph, parameter }, x, { a, name }) => {
    const shape = shapeOf(x);
    const axis = a % shape.length;
    const whole = shape.with(axis, 1);
    return concat(graph, [expand(graph, parameter(name, 1), whole), x], axis);
  },
  part: ({ graph }, x, { a }) => slice(graph, x, [{ axis: a % shapeOf(x).length, start: 0, end: 2 }]),
  pick: ({ graph }, x, { a }) => {
    const axis = a % shapeOf(x).length;
    return gather(graph, x, int64Constant(graph, [shapeOf(x)[axis]! - 1, 0]), axis);
  },
  average: ({ graph }, x, { a }) =>
    shapeOf(x).length <= 2 ? x : mean(graph, x, { axes: [a % shapeOf(x).length] }),
  softmax: ({ graph }, x) => softmax(graph, x),
  normalise: ({ graph }, x) => standardize(graph, x, 0.1).standardized,
  attend: ({ graph }, x) => matMul(graph, softmax(graph, matMul(graph, x, x, { transposeB: true })), x),
  relu: ({ graph }, x) => relu(graph, x),
  tanh: ({ graph }, x) => tanh(graph, x),
} satisfies Record<string, Step>;

const stepNames = Object.keys(steps) as (keyof typeof steps)[];
const number = fc.nat({ max: 60 });
const draws = fc.array(fc.record({ step: fc.constantFrom(...stepNames), a: number, b: number }), {
  minLength: 2,
  maxLength: 9,
});

/** No extent of a graph is a multiple of this many by chance. */
const PLANNED = [0, 1, 2, 3, 4, 5, 6];

/** The steps that keep samples apart, as seen in a larger batch, with the place of the samples before each and at the end. */
interface Plan {
  readonly taken: readonly (Draw & { readonly name: string; readonly batchAxis: number })[];
  readonly end: BatchAxis;
}

function plan(drawn: readonly Draw[]): Plan {
  const taken: Plan['taken'][number][] = [];
  let end: BatchAxis = { axis: 0, before: 1, after: 1 };
  buildWith((site) => {
    const x = site.batched('x', 2, 4);
    let value = add(site.graph, x, site.parameter('first', 4));
    drawn.forEach((draw, index) => {
      const step = { ...draw, name: `${draw.step} ${index}`, batchAxis: end.axis };
      const next = steps[draw.step](site, value, step);
      if (elementCount(shapeOf(next)) > 900 || !keepsApart(next, x)) return;
      value = next;
      taken.push(step);
      end = batchLayout([value], [x]).axisOf(value)!;
    });
    return value;
  }, PLANNED);
  return { taken, end };
}

/** One number per sample. */
function build({ taken, end }: Plan): (site: SampleGraph) => Value {
  return (site) => {
    const first = add(site.graph, site.batched('x', 2, 4), site.parameter('first', 4));
    const last = taken.reduce<Value>((value, step) => steps[step.step](site, value, step), first);
    return score(site, sampleFirst(site.graph, last, end, site.batchSize));
  };
}

function keepsApart(value: Value, x: Value): boolean {
  try {
    batchLayout([value], [x]);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'model-mixes-samples') return false;
    throw error;
  }
}

describe('per-sample gradients of random graphs', () => {
  it('are those of one sample at a time', () => {
    fc.assert(
      fc.property(draws, fc.constantFrom(1, 2, 3), (drawn, batchSize) => {
        const built = buildWith(
          build(plan(drawn)),
          Array.from({ length: batchSize }, (_, row) => row),
        );
        expectSame(perSample(built), oneByOne(built), built.parameters.keys());
      }),
      { numRuns: 200, seed: 1 },
    );
    expect.hasAssertions();
  });
});

describe('random graphs of one sample, copied for a batch,', () => {
  it('compute what a graph made for the batch computes', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const planned = plan(drawn);
        const [single, wanted] = [buildWith(build(planned), [1]), buildWith(build(planned), [2, 0, 1])];
        const graph = new Graph();
        const x = graph.input('x', wanted.batched[0]!.type);
        const [copy] = copyForBatch(graph, [single.outputs], new Map([[single.batched[0]!, x]]));
        const found = interpret(graph, [copy!], wanted.feeds).map(numbersOf);
        const expected = interpret(wanted.graph, [wanted.outputs], wanted.feeds).map(numbersOf);
        expectSame(found, expected, ['outputs']);
      }),
      { numRuns: 200, seed: 1 },
    );
    expect.hasAssertions();
  });
});
