import { afterAll, describe, expect, it } from 'vitest';
import { allOpCases, opCaseGraph } from '../../../testing/op-case-graph.ts';
import { drawTensor, type InputCase, type OpCase } from '../../../testing/op-cases.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../../core/base/random.ts';
import { compile } from '../../core/compiler/compile.ts';
import { loweringsOf, type Profile } from '../../core/compiler/lower/lowerings.ts';
import type { Session } from '../../core/execution/executor.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import { Graph, type Value } from '../../core/graph/graph.ts';
import type { ConvGeometry, OpName } from '../../core/graph/op-attributes.ts';
import { gradients } from '../../core/compiler/differentiate.ts';
import {
  add,
  conv,
  expand,
  maxPool,
  mean,
  mul,
  relu,
  reshape,
  sum,
  transpose,
} from '../../core/ops/build.ts';
import { convOutputShape } from '../../core/ops/geometry.ts';
import { isFloat, numbersOf, tensorOf, type Tensor } from '../../core/tensor/tensor.ts';
import { readModel } from '../../core/onnx/read-model.ts';
import { createOrtExecutor } from './ort-executor.ts';

const executor = createOrtExecutor({ threads: 1 });
const sessions: Session[] = [];
afterAll(async () => {
  for (const session of sessions) await session.dispose();
});

async function runCompiled(
  graph: Graph,
  outputs: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, Tensor>>,
  profile: Profile = 'cpu',
): Promise<Record<string, Tensor>> {
  const session = await executor.open(compile(graph, outputs, { profile }));
  sessions.push(session);
  return session.run(feeds);
}

/** Floats within the tolerance of the largest element, everything else exactly. */
function expectClose(found: Tensor, expected: Tensor): void {
  expect(found.shape).toEqual(expected.shape);
  const [a, b] = [numbersOf(found), numbersOf(expected)];
  if (!isFloat(found.dtype)) {
    expect([...a]).toEqual([...b]);
    return;
  }
  const scale = b.reduce((largest, element) => Math.max(largest, Math.abs(element)), 1e-3);
  const worst = a.reduce((largest, element, index) => Math.max(largest, Math.abs(element - b[index]!)), 0);
  expect(worst / scale, `found ${a.slice(0, 8).join()}, expected ${b.slice(0, 8).join()}`).toBeLessThan(
    tolerances.float32Compiled,
  );
  expect(a.every(Number.isFinite)).toBe(true);
}

async function expectCompiledToAgree<Op extends OpName>(
  op: Op,
  one: OpCase<Op>,
  profile: Profile = 'cpu',
): Promise<void> {
  const { graph, outputs, named, feeds } = opCaseGraph(op, one);
  const found = await runCompiled(graph, named, feeds, profile);
  interpret(graph, outputs, feeds).forEach((expected, index) => {
    expectClose(found[`y${index}`]!, expected);
  });
}

/** The blocked ones have a test of their own: they hold where a probe says so. */
const profiles = (Object.keys(loweringsOf) as Profile[]).filter((name) => !name.startsWith('cpu-blocks'));

describe.each(profiles)('operators compiled for %s', (profile) => {
  it.each(allOpCases)('$title computes what the reference computes', ({ op, one }) =>
    expectCompiledToAgree(op, one, profile),
  );
});

const normal = (...shape: readonly number[]): InputCase => ({ shape, draw: 'normal' });

/** Wide enough for the channel-gathering path, on small and large maps, with every kind of geometry. */
const wideConvolutions: readonly { geometry: ConvGeometry; x: number[]; w: number[] }[] = [
  {
    geometry: { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: 1 },
    x: [2, 8, 6, 5],
    w: [3, 8, 3, 3],
  },
  {
    geometry: { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: 1 },
    x: [2, 9, 9, 10],
    w: [4, 9, 3, 3],
  },
  {
    geometry: { strides: [2, 1], dilations: [1, 2], pads: [0, 2, 1, 1], group: 1 },
    x: [2, 10, 9, 8],
    w: [3, 10, 3, 2],
  },
  {
    geometry: { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 },
    x: [2, 8, 3, 3],
    w: [5, 8, 1, 1],
  },
  {
    geometry: { strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 },
    x: [1, 8, 4, 4],
    w: [5, 8, 1, 1],
  },
  {
    geometry: { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: 8 },
    x: [2, 8, 4, 4],
    w: [8, 1, 3, 3],
  },
  {
    geometry: { strides: [1, 1], dilations: [1, 1], pads: [1, 0, 1, 2], group: 2 },
    x: [2, 4, 4, 4],
    w: [6, 2, 3, 3],
  },
  // So many columns that they are formed piece by piece, on a large and on a small map; the last piece is shorter.
  {
    geometry: { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: 1 },
    x: [60, 8, 16, 16],
    w: [2, 8, 3, 3],
  },
  {
    geometry: { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: 1 },
    x: [60, 32, 8, 8],
    w: [2, 32, 3, 3],
  },
  // Padding wider than the kernel reaches.
  {
    geometry: { strides: [1, 1], dilations: [1, 1], pads: [2, 3, 2, 1], group: 1 },
    x: [1, 2, 3, 3],
    w: [2, 2, 2, 2],
  },
];

describe('compiled convolution gradients', () => {
  it.each(wideConvolutions)('of $x by $w agree with the reference', async ({ geometry, x, w }) => {
    const dy = convOutputShape(x, w, geometry);
    const inputGradient = { ...geometry, inputShape: x };
    const weightGradient = { ...geometry, weightShape: w };
    await expectCompiledToAgree('Conv', { attributes: geometry, inputs: [normal(...x), normal(...w)] });
    await expectCompiledToAgree('ConvInputGradient', {
      attributes: inputGradient,
      inputs: [normal(...dy), normal(...w)],
    });
    const operands = [normal(...x), normal(...dy)];
    await expectCompiledToAgree('ConvWeightGradient', { attributes: weightGradient, inputs: operands });
    await expectCompiledToAgree('ConvPerSampleWeightGradient', {
      attributes: weightGradient,
      inputs: operands,
    });
  });
});

describe('compiled graphs', () => {
  it.each(profiles)('for %s send the gradient of tied maxima to the first of them only', async (profile) => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [1, 1, 4, 4] });
    const pooled = maxPool(graph, relu(graph, x), 2);
    const [gradient] = gradients(graph, sum(graph, pooled), [x]);
    const feeds = { x: tensorOf('float32', [1, 1, 4, 4], [1, 1, 0, 2, 1, 1, 2, 2, 0, 0, 3, 3, 0, 0, 3, 3]) };
    const found = await runCompiled(graph, { gradient: gradient! }, feeds, profile);
    // A block of zeros behind ReLU has its maximum at zero, where ReLU passes nothing.
    expect([...found['gradient']!.data]).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
  });

  it.each(profiles)('for %s differentiate twice through overlapping windows with ties', async (profile) => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [2, 2, 7, 7] });
    const options = { stride: 2, pads: [1, 1, 1, 1] } as const;
    const pooled = maxPool(graph, x, 3, options);
    const [first] = gradients(graph, sum(graph, mul(graph, pooled, pooled)), [x]);
    const [second] = gradients(graph, sum(graph, mul(graph, first!, first!)), [x]);
    const random = new Random(2, 'ties');
    const few = Array.from({ length: 2 * 2 * 7 * 7 }, () => random.integer(3) - 1);
    const feeds = { x: tensorOf('float32', [2, 2, 7, 7], few) };
    const found = await runCompiled(graph, { first: first!, second: second! }, feeds, profile);
    interpret(graph, [first!, second!], feeds).forEach((expected, index) =>
      expectClose(found[['first', 'second'][index]!]!, expected),
    );
  });

  it('for other profiles than the CPU are standard ONNX', () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [2, 16, 8, 8] });
    const w = graph.input('w', { dtype: 'float32', shape: [16, 16, 3, 3] });
    const y = maxPool(graph, relu(graph, conv(graph, x, w, { pads: [1, 1, 1, 1] })), 2);
    const [dx, dw] = gradients(graph, sum(graph, y), [x, w]);
    for (const profile of profiles.filter((name) => name !== 'cpu')) {
      const { nodes } = readModel(compile(graph, { dx: dx!, dw: dw! }, { profile }).onnx);
      expect(new Set(nodes.map((node) => node.domain))).toEqual(new Set(['']));
      // Their MaxPool gives no positions.
      for (const node of nodes) expect(node.outputs).toHaveLength(1);
    }
  });

  it('broadcast without making the expanded copy', () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [2, 3] });
    const row = graph.input('row', { dtype: 'float32', shape: [3] });
    const program = compile(graph, { y: mul(graph, x, expand(graph, row, [2, 3])) }, { profile: 'cpu' });
    expect(opTypes(program.onnx)).not.toContain('Expand');
  });

  it('keep an expansion that both sides of an operator need', async () => {
    const graph = new Graph();
    const row = graph.input('row', { dtype: 'float32', shape: [3] });
    const wide = expand(graph, row, [2, 3]);
    const found = await runCompiled(
      graph,
      { y: add(graph, wide, wide) },
      { row: tensorOf('float32', [3], [1, 2, 3]) },
    );
    expect([...found['y']!.data]).toEqual([2, 4, 6, 2, 4, 6]);
  });

  it.each([
    { axes: [1], average: false },
    { axes: [1], average: true },
    { axes: [0, 2], average: false },
    { axes: [0, 2, 3], average: true },
  ])('sum products over long rows of axes $axes without writing the products', async ({ axes, average }) => {
    const graph = new Graph();
    const shape = axes.includes(3) ? [3, 2, 16, 40] : axes.includes(2) ? [3, 2, 640] : [3, 640];
    const inputs = ['a', 'b'].map((name) => graph.input(name, { dtype: 'float32', shape }));
    const product = mul(graph, inputs[0]!, inputs[1]!);
    const y = average ? mean(graph, product, { axes }) : sum(graph, product, { axes });
    const random = new Random(1, 'products');
    const feeds = {
      a: drawTensor(normal(...shape), random, 'float32'),
      b: drawTensor(normal(...shape), random, 'float32'),
    };
    const found = await runCompiled(graph, { y }, feeds);
    expectClose(found['y']!, interpret(graph, [y], feeds)[0]!);
    expect(opTypes(compile(graph, { y }, { profile: 'cpu' }).onnx)).not.toContain('ReduceSum');
  });

  it('leave out inputs and nodes that no output needs', () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [4] });
    const unused = graph.input('unused', { dtype: 'float32', shape: [4] });
    relu(graph, unused);
    const program = compile(graph, { y: add(graph, x, 1) }, { profile: 'cpu' });
    expect([...program.inputs.keys()]).toEqual(['x']);
    expect(opTypes(program.onnx)).not.toContain('Relu');
  });

  it('give the same bytes for the same graph, whatever else was built beside it', () => {
    const build = (extra: boolean): Uint8Array => {
      const graph = new Graph();
      const x = graph.input('x', { dtype: 'float32', shape: [2, 3, 4, 4] });
      if (extra) mul(graph, x, 3);
      const y = reshape(graph, transpose(graph, maxPool(graph, x, 2), [0, 2, 3, 1]), [2, -1]);
      return compile(graph, { y: sum(graph, y, { axes: [0] }) }, { profile: 'cpu' }).onnx;
    };
    expect(build(true)).toEqual(build(false));
  });

  it('give an output that is an input, a constant, or shares its name with an input', async () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [2] });
    const constant = graph.constant(tensorOf('float32', [2], [7, 8]));
    const feeds = { x: tensorOf('float32', [2], [1, 2]) };
    const found = await runCompiled(graph, { same: x, constant, x: add(graph, x, 1) }, feeds);
    expect([...found['same']!.data]).toEqual([1, 2]);
    expect([...found['constant']!.data]).toEqual([7, 8]);
    expect([...found['x']!.data]).toEqual([2, 3]);
  });

  it('fix baked inputs', async () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [2] });
    const w = graph.input('w', { dtype: 'float32', shape: [2] });
    const bake = new Map([['w', tensorOf('float32', [2], [10, 20])]]);
    const program = compile(graph, { y: mul(graph, x, w) }, { profile: 'cpu', bake });
    expect([...program.inputs.keys()]).toEqual(['x']);
    const session = await executor.open(program);
    sessions.push(session);
    const found = await session.run({ x: tensorOf('float32', [2], [1, 2]) });
    expect([...found['y']!.data]).toEqual([10, 40]);
  });
});

function opTypes(onnx: Uint8Array): string[] {
  return readModel(onnx).nodes.map((node) => node.opType);
}
