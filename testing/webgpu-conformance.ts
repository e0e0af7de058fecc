/**
 * @file A program that holds WebGPU against the reference, in a process of its own: a driver may end the process. Prints one line of
 * JSON per check: its name, and its relative error or why it failed.
 */
import { compile } from '../src/core/compiler/compile.ts';
import { gradients } from '../src/core/compiler/differentiate.ts';
import type { Executor, Feeds } from '../src/core/execution/executor.ts';
import { interpret } from '../src/core/execution/reference-interpreter.ts';
import { Graph, type Value } from '../src/core/graph/graph.ts';
import { buildClassifier, layOut } from '../src/core/nn/classifier.ts';
import type { Layer } from '../src/core/nn/layers.ts';
import type { Network } from '../src/core/nn/network.ts';
import { maxPool, mul, sum } from '../src/core/ops/build.ts';
import { numbersOf, tensorOf } from '../src/core/tensor/tensor.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';
import { relativeError, type ProgramPair } from '../src/engine/runtime/program-comparison.ts';
import { selfTestPrograms } from '../src/engine/runtime/self-test-programs.ts';
import { allOpCases, opCaseGraph } from './op-case-graph.ts';

/** What the test reads: `error` is null where `failure` says why there is none. */
export interface ConformanceCheck {
  readonly name: string;
  readonly error: number | null;
  readonly failure: string | null;
}

function report(name: string, error: number | null, failure: string | null = null): void {
  process.stdout.write(`${JSON.stringify({ name, error, failure } satisfies ConformanceCheck)}\n`);
}

function onWebgpu(): Executor {
  return createOrtExecutor({
    provider: 'webgpu',
    onFallback: (reason) => {
      throw reason;
    },
  });
}

/** The largest relative error of the outputs; throws where WebGPU could not do the work. */
async function errorOf(graph: Graph, named: Readonly<Record<string, Value>>, feeds: Feeds): Promise<number> {
  const session = await onWebgpu().open(compile(graph, named, { profile: 'webgpu' }));
  const found = await session.run(feeds);
  await session.dispose();
  const expected = interpret(graph, Object.values(named), feeds);
  const errors = Object.keys(named).map((name, index) => {
    const reference = expected[index]!;
    // An output that is all zeros leaves nothing to be relative to.
    const allZero = numbersOf(reference).every((number) => number === 0);
    return allZero
      ? Math.max(...numbersOf(found[name]!).map(Math.abs))
      : relativeError(found[name]!, reference);
  });
  return Math.max(...errors);
}

async function check(name: string, work: () => Promise<number>): Promise<void> {
  try {
    report(name, await work());
  } catch (error) {
    report(name, null, error instanceof Error ? error.message : String(error));
  }
}

/** Few different values, so that windows are full of ties; the second derivative goes through the mask both ways. */
function tiedMaxima(): Promise<number> {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [1, 2, 7, 7] });
  const pooled = maxPool(graph, x, 3, { stride: 2, pads: [1, 1, 1, 1] });
  const [first] = gradients(graph, sum(graph, mul(graph, pooled, pooled)), [x]);
  const [second] = gradients(graph, sum(graph, mul(graph, first!, first!)), [x]);
  const values = Array.from({ length: 98 }, (_, index) => ((index * 7) % 5) - 2);
  return errorOf(graph, { first: first!, second: second! }, { x: tensorOf('float32', [1, 2, 7, 7], values) });
}

for (const { op, one, title } of allOpCases) {
  await check(title, () => {
    const { graph, named, feeds } = opCaseGraph(op, one);
    return errorOf(graph, named, feeds);
  });
}
await check('first and second gradient of tied maxima', tiedMaxima);

/** The same program as the CPU runs it, in the CPU's own formulation. */
async function pairError({ onCpu, onProvider, feeds, outputs }: ProgramPair): Promise<number> {
  const [expected, found] = await Promise.all(
    [
      { executor: createOrtExecutor(), program: onCpu },
      { executor: onWebgpu(), program: onProvider },
    ].map(async ({ executor, program }) => (await executor.open(program)).run(feeds, outputs)),
  );
  return Math.max(...outputs.map((name) => relativeError(found![name]!, expected![name]!)));
}

/** The layers of the built-in networks, few channels wide: a device in software takes its time. */
const { config } = buildClassifier({
  architecture: 'cnn',
  channels: 1,
  imageSize: 8,
  classCount: 3,
  dropout: 0.2,
});
const head: readonly Layer[] = [
  { kind: 'flatten' },
  { kind: 'dropout', name: 'features', shape: [8], rate: 0.2 },
  { kind: 'linear', name: 'fc', inputs: 8, outputs: 3, last: true },
];
const normalisedConv = (name: string, inputs: number): Layer[] => [
  { kind: 'conv', name, inputs, outputs: 8, kernel: 3, padding: 1, bias: false },
  { kind: 'groupNorm', name: `${name}.norm`, channels: 8, groups: 2 },
];
const networks: Readonly<Record<string, Network>> = {
  cnn: layOut(config, [
    { kind: 'conv', name: 'conv1', inputs: 1, outputs: 8, kernel: 3, padding: 1, bias: true },
    { kind: 'maxPool', size: 2 },
    { kind: 'relu' },
    { kind: 'conv', name: 'conv2', inputs: 8, outputs: 8, kernel: 3, padding: 1, bias: true },
    { kind: 'maxPool', size: 4 },
    { kind: 'relu' },
    ...head,
  ]),
  residual: layOut(config, [
    ...normalisedConv('conv1', 1),
    {
      kind: 'residual',
      layers: [...normalisedConv('conv2', 8), { kind: 'relu' }, ...normalisedConv('conv3', 8)],
    },
    { kind: 'maxPool', size: 8 },
    ...head,
  ]),
};
for (const [name, network] of Object.entries(networks)) {
  const model = { network, parameters: network.initialParameters(0) };
  for (const pair of selfTestPrograms(model, 'webgpu', 2))
    await check(`${name}: ${pair.name}`, () => pairError(pair));
}
process.exit(0);
