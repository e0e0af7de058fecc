/**
 * @file Whether ONNX Runtime's blocked convolutions can be used here, and with which block. They are no part of its interface: the
 * answer is found by computing, once per process, and anything unexpected means no.
 */
import { Random } from '../../core/base/random.ts';
import { compile } from '../../core/compiler/compile.ts';
import type { Profile } from '../../core/compiler/lower/lowerings.ts';
import type { Executor, Feeds, Fetches } from '../../core/execution/executor.ts';
import { Graph } from '../../core/graph/graph.ts';
import { conv, convGeometry, convInputGradient } from '../../core/ops/build.ts';
import { elementCount, float32, numbersOf } from '../../core/tensor/tensor.ts';
import { createOrtExecutor } from './ort-executor.ts';

/** The same products in another order of summation, 300 of them at most. */
const LARGEST_DIFFERENCE = 1e-4;

const candidates = ['cpu-blocks-16', 'cpu-blocks-8'] as const satisfies readonly Profile[];

let found: Promise<Profile> | null = null;

/** The profile that programs for the CPU should be compiled for. */
export function probeCpuProfile(): Promise<Profile> {
  found ??= firstAgreeing(createOrtExecutor({ threads: 1 }));
  return found;
}

async function firstAgreeing(executor: Executor): Promise<Profile> {
  const expected = await probeRun(executor, 'cpu');
  for (const profile of candidates) {
    try {
      if (agree(await probeRun(executor, profile), expected)) return profile;
    } catch {
      // This build or processor has no such kernels.
    }
  }
  return 'cpu';
}

/** Every form that is used: few and many channels, strides, a bias, and the flipped weight of the input's gradient. */
async function probeRun(executor: Executor, profile: Profile): Promise<Fetches> {
  const graph = new Graph();
  const shapes = { few: [2, 3, 7, 6], x: [2, 32, 7, 6], w0: [48, 3, 3, 3], w: [48, 32, 3, 3], bias: [48] };
  const feeds: Feeds = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, drawNormal(name, shape)]),
  );
  const input = (name: keyof typeof shapes) => graph.input(name, { dtype: 'float32', shape: shapes[name] });
  const [x, w, bias] = [input('x'), input('w'), input('bias')];
  const y = conv(graph, x, w, { pads: 1, bias });
  const outputs = {
    y,
    fewChannels: conv(graph, input('few'), input('w0'), { pads: 1 }),
    strided: conv(graph, x, w, { stride: 2, pads: [1, 0, 1, 0], bias }),
    dx: convInputGradient(graph, y, w, convGeometry({ pads: 1 }), shapes.x),
  };
  const session = await executor.open(compile(graph, outputs, { profile }));
  const fetches = await session.run(feeds);
  await session.dispose();
  return fetches;
}

function drawNormal(name: string, shape: readonly number[]) {
  const random = new Random(0, `probe/${name}`);
  const values = new Float32Array(elementCount(shape)).map(() => random.normal());
  return float32(shape, values);
}

/** Relative to the largest element of each output. */
function agree(fetches: Fetches, expected: Fetches): boolean {
  return Object.entries(expected).every(([name, tensor]) => {
    const [a, b] = [numbersOf(fetches[name]!), numbersOf(tensor)];
    const scale = b.reduce((largest, element) => Math.max(largest, Math.abs(element)), 0);
    return a.every((element, index) => Math.abs(element - b[index]!) <= LARGEST_DIFFERENCE * scale);
  });
}
