import fc from 'fast-check';
import { describe, it } from 'vitest';
import { drawLike, expectDifferencesToAgree, inputName, innerProduct } from '../../../testing/differences.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { canExpand, normalizeAxes } from '../tensor/shape.ts';
import { elementCount, type Shape } from '../tensor/tensor.ts';
import {
  averagePool,
  conv,
  matMul,
  maxPool,
  mul,
  pad,
  slice,
  softmax,
  sum,
  tanh,
  where,
  greater,
} from './build.ts';

type Build = (graph: Graph, inputs: readonly Value[]) => Value;

/** Expects ⟨tanh(build(inputs)), cotangent⟩ to have the gradients that differences see; tanh gives linear operators a second order. */
function expectGradients(shapes: readonly Shape[], build: Build, seed: number): void {
  const graph = new Graph();
  const random = new Random(seed, 'random shapes');
  const inputs = shapes.map((shape, index) => graph.input(`x${index}`, { dtype: 'float64', shape }));
  const output = build(graph, inputs);
  const cotangent = graph.constant(drawLike([output], random)[0]!);
  const drawn = drawLike(inputs, random);
  const feeds = Object.fromEntries(inputs.map((input, index) => [inputName(input), drawn[index]!]));
  expectDifferencesToAgree(graph, innerProduct(graph, [tanh(graph, output)], [cotangent]), inputs, feeds, {
    tolerance: tolerances.centralDifferenceOfNetwork,
    seed,
    probes: 1,
  });
}

const extent = fc.integer({ min: 1, max: 3 });
const seeds = fc.integer({ min: 0, max: 1e6 });
const runs = { numRuns: 60 };

/** A shape, and one that broadcasts to it. */
const broadcastPair = fc
  .array(extent, { minLength: 0, maxLength: 4 })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      kept: fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      dropped: fc.nat({ max: shape.length }),
    }),
  )
  .map(({ shape, kept, dropped }) => ({
    whole: shape,
    part: shape.map((length, axis) => (kept[axis]! ? length : 1)).slice(dropped),
  }))
  .filter(({ whole, part }) => canExpand(part, whole));

const windows = fc.record({
  stride: fc.tuple(extent, extent),
  dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  kernel: fc.tuple(extent, extent),
  pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
  size: fc.tuple(fc.integer({ min: 5, max: 7 }), fc.integer({ min: 5, max: 7 })),
});

describe('gradients over random shapes', () => {
  it('sum what broadcasting repeated', () => {
    fc.assert(
      fc.property(broadcastPair, fc.boolean(), seeds, ({ whole, part }, swap, seed) => {
        const shapes = swap ? [part, whole] : [whole, part];
        expectGradients(shapes, (graph, [a, b]) => mul(graph, a!, b!), seed);
        expectGradients(shapes, (graph, [a, b]) => where(graph, greater(graph, a!, 0), a!, b!), seed);
      }),
      runs,
    );
  });

  it('of batched matrix products broadcast over the batch', () => {
    const matrices = fc.record({ batch: broadcastPair, rows: extent, inner: extent, columns: extent });
    fc.assert(
      fc.property(
        matrices,
        fc.boolean(),
        fc.boolean(),
        seeds,
        ({ batch, rows, inner, columns }, ta, tb, seed) => {
          const a = [...batch.whole, ...(ta ? [inner, rows] : [rows, inner])];
          const b = [...batch.part, ...(tb ? [columns, inner] : [inner, columns])];
          const options = { transposeA: ta, transposeB: tb };
          expectGradients([a, b], (graph, [left, right]) => matMul(graph, left!, right!, options), seed);
        },
      ),
      runs,
    );
  });

  it('of convolutions with strides, dilations, groups and uneven padding', () => {
    fc.assert(
      fc.property(windows, extent, fc.integer({ min: 1, max: 2 }), seeds, (window, group, width, seed) => {
        const x = [2, group * width, ...window.size];
        const w = [group * 2, width, ...window.kernel];
        const build: Build = (graph, [image, weight, bias]) =>
          conv(graph, image!, weight!, { ...window, group, bias: bias! });
        expectGradients([x, w, [group * 2]], build, seed);
      }),
      runs,
    );
  });

  it('of pools with padding, dilation and ceil mode', () => {
    fc.assert(
      fc.property(
        windows,
        fc.boolean(),
        fc.boolean(),
        seeds,
        ({ kernel, pads, ...window }, ceil, countPadding, seed) => {
          const fitting = pads.map((width, border) => Math.min(width, kernel[border % 2]! - 1));
          const options = { ...window, pads: fitting as unknown as typeof pads, ceil, countPadding };
          const x = [1, 2, ...window.size];
          expectGradients([x], (graph, [image]) => averagePool(graph, image!, kernel, options), seed);
          expectGradients([x], (graph, [image]) => maxPool(graph, image!, kernel, options), seed);
        },
      ),
      runs,
    );
  });

  it('of slices with any step, and of padding', () => {
    const ranges = fc.array(fc.record({ first: fc.nat(6), last: fc.nat(6), stride: extent }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(ranges, seeds, (given, seed) => {
        const shape = given.map(({ first, last }) => Math.max(first, last) + 1);
        const build: Build = (graph, [x]) => {
          const taken = given.map(({ first, last, stride }, axis) =>
            first <= last
              ? { axis, start: first, end: last + 1, step: stride }
              : { axis, start: first, ...(last > 0 ? { end: last - 1 } : {}), step: -stride },
          );
          return pad(
            graph,
            slice(graph, x!, taken),
            shape.map((_, axis) => axis),
            shape.map(() => 1),
          );
        };
        expectGradients([shape], build, seed);
      }),
      runs,
    );
  });

  it('of reductions and softmax over any axes', () => {
    const arrays = fc.array(extent, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(arrays, fc.array(fc.nat(3)), fc.boolean(), seeds, (shape, picked, keepDims, seed) => {
        const axes = normalizeAxes(
          picked.map((axis) => axis % shape.length),
          shape.length,
        );
        expectGradients([shape], (graph, [x]) => sum(graph, x!, { axes, keepDims }), seed);
        expectGradients([shape], (graph, [x]) => softmax(graph, x!, axes[0] ?? -1), seed);
        return elementCount(shape) > 0;
      }),
      runs,
    );
  });
});
