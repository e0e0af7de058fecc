/**
 * @file Where the time of a program goes: ONNX Runtime's own profile, its kernel times summed by kernel and by operator of the graph,
 * beside what this machine can do at best. One thread, and of several runs the shortest time of each node, so that other work on the
 * machine disturbs little.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { compile } from '../src/core/compiler/compile.ts';
import { Graph } from '../src/core/graph/graph.ts';
import { matMul, relu, slice } from '../src/core/ops/build.ts';
import { float32 } from '../src/core/tensor/tensor.ts';
import type { Bench } from './bench.ts';
import { frozenContender, settings, trainingContender } from './contenders.ts';
import { bytesOf, operationsOf, type ProfileEvent } from './kernel-work.ts';
import type { Contender } from './speed.ts';
import { uNetContender } from './u-net.ts';

/** Kernels with a smaller share are summed as one line. */
const SMALLEST_SHARE = 0.01;

interface KernelSum {
  ms: number;
  operations: number;
  bytes: number;
}

export const run: Bench = async ({ quick, seed }) => {
  const runs = quick ? 3 : 9;
  const size = 4096;
  const contenders = [
    trainingContender(settings.cnn64, seed),
    trainingContender(settings.resnet64, seed),
    uNetContender({ channels: 1, imageSize: 28, batchSize: 32 }, seed),
    frozenContender(settings.cnn64, 'factorised', { size, seed }),
    frozenContender(settings.cnn64, 'fold', { size, seed }),
    frozenContender(settings.resnet32, 'factorised', { size, seed }),
    frozenContender(settings.resnet32, 'fold', { size, seed }),
  ];
  const table: string[][] = [['program', 'operator', 'kernel', 'ms', 'share', 'GF/s', 'GB/s']];
  const figures: Record<string, number> = {};
  for (const peak of [productOfMatrices(), copyOfArray()]) {
    const [sum] = [...(await kernelSums(peak, runs)).values()].sort((a, b) => b.ms - a.ms);
    figures[`${peak.name} GF/s`] = sum!.operations / sum!.ms / 1e6;
    figures[`${peak.name} GB/s`] = sum!.bytes / sum!.ms / 1e6;
    table.push([peak.name, '', '', sum!.ms.toFixed(2), '', ...rates(sum!)]);
  }
  for (const contender of contenders) {
    const sums = await kernelSums(contender, runs);
    const total = [...sums.values()].reduce((ms, sum) => ms + sum.ms, 0);
    figures[`${contender.name} ms`] = total;
    table.push([contender.name, 'all', '', total.toFixed(1), '', '', '']);
    table.push(...rowsOf(sums, total));
  }
  return { figures, goals: {}, table };
};

/** Arithmetic at its best. */
function productOfMatrices(): Contender {
  const graph = new Graph();
  const shape = [1024, 1024];
  const [a, b] = ['a', 'b'].map((name) => graph.input(name, { dtype: 'float32', shape }));
  const product = slice(graph, matMul(graph, a!, b!), [{ axis: 0, end: 1 }]);
  const feed = float32(shape, new Float32Array(2 ** 20).fill(0.5));
  const program = compile(graph, { product }, { profile: 'cpu' });
  return { name: 'product of 1024 × 1024', batchSize: 1, program, feeds: { a: feed, b: feed } };
}

/** Memory at its best: as many bytes as no cache holds, read and written once. */
function copyOfArray(): Contender {
  const graph = new Graph();
  const shape = [2 ** 25];
  const copy = slice(graph, relu(graph, graph.input('x', { dtype: 'float32', shape })), [
    { axis: 0, end: 1 },
  ]);
  const feeds = { x: float32(shape, new Float32Array(2 ** 25)) };
  return {
    name: 'pass over 128 MB',
    batchSize: 1,
    program: compile(graph, { copy }, { profile: 'cpu' }),
    feeds,
  };
}

function rowsOf(sums: ReadonlyMap<string, KernelSum>, total: number): string[][] {
  const sorted = [...sums].sort(([, a], [, b]) => b.ms - a.ms);
  const shown = sorted.filter(([, { ms }]) => ms / total >= SMALLEST_SHARE);
  const rest = sorted.slice(shown.length).reduce((ms, [, sum]) => ms + sum.ms, 0);
  const rows = shown.map(([key, sum]) => {
    const [operator, kernel] = key.split('/') as [string, string];
    return ['', operator, kernel, sum.ms.toFixed(2), percent(sum.ms / total), ...rates(sum)];
  });
  return [...rows, ['', 'the rest', '', rest.toFixed(2), percent(rest / total), '', '']];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function rates({ ms, operations, bytes }: KernelSum): string[] {
  return [operations === 0 ? '' : (operations / ms / 1e6).toFixed(0), (bytes / ms / 1e6).toFixed(1)];
}

/** Per run, by `operator/kernel`; the first run warms up and is not counted. */
async function kernelSums({ program, feeds }: Contender, runs: number): Promise<Map<string, KernelSum>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'whence-profile-'));
  try {
    const session = await InferenceSession.create(program.onnx, {
      intraOpNumThreads: 1,
      enableMemPattern: false,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: path.join(folder, 'profile'),
    });
    const inputs = Object.fromEntries(
      [...program.inputs.keys()].map((name) => {
        const { shape, data } = feeds[name]!;
        return [name, new Tensor('float32', data as Float32Array, shape)];
      }),
    );
    for (let index = 0; index <= runs; index++) await session.run(inputs);
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    const events = JSON.parse(await readFile(path.join(folder, file!), 'utf8')) as ProfileEvent[];
    return sumKernels(events, runs);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function sumKernels(events: readonly ProfileEvent[], runs: number): Map<string, KernelSum> {
  const kernels = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  const perRun = kernels.length / (runs + 1);
  const sums = new Map<string, KernelSum>();
  for (const [index, event] of kernels.slice(0, perRun).entries()) {
    const times = Array.from({ length: runs }, (_, run) => kernels[(run + 1) * perRun + index]!.dur / 1000);
    // Fused nodes are named after what they replace, or not at all.
    const operator = event.name.includes('/') ? event.name.split('/')[0]! : 'fused';
    const key = `${operator}/${event.args?.op_name ?? ''}`;
    const sum = sums.get(key) ?? { ms: 0, operations: 0, bytes: 0 };
    sum.ms += Math.min(...times);
    sum.operations += operationsOf(event);
    sum.bytes += bytesOf(event);
    sums.set(key, sum);
  }
  return sums;
}
