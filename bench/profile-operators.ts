/**
 * @file Where the time of a program goes: ONNX Runtime's own profile, its kernel times summed by kernel and by operator of the graph.
 * One thread, so that other work on the machine disturbs little.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Bench } from './bench.ts';
import { frozenContender, settings, trainingContender } from './contenders.ts';
import type { Contender } from './speed.ts';

/** Kernels with a smaller share are summed as one line. */
const SMALLEST_SHARE = 0.01;

export const run: Bench = async ({ quick, seed }) => {
  const size = 4096;
  const contenders = [
    trainingContender(settings.cnn64, seed),
    trainingContender(settings.resnet64, seed),
    frozenContender(settings.cnn64, 'factorised', { size, seed }),
    frozenContender(settings.cnn64, 'fold', { size, seed }),
    frozenContender(settings.resnet32, 'factorised', { size, seed }),
    frozenContender(settings.resnet32, 'fold', { size, seed }),
  ];
  const table: string[][] = [['program', 'operator', 'kernel', 'ms', 'share']];
  const figures: Record<string, number> = {};
  for (const contender of contenders) {
    const times = await kernelTimes(contender, quick ? 3 : 9);
    const total = [...times.values()].reduce((sum, ms) => sum + ms, 0);
    figures[`${contender.name} ms`] = total;
    table.push([contender.name, 'all', '', total.toFixed(1), '']);
    table.push(...rowsOf(times, total));
  }
  return { figures, goals: {}, table };
};

function rowsOf(times: ReadonlyMap<string, number>, total: number): string[][] {
  const sorted = [...times].sort(([, a], [, b]) => b - a);
  const shown = sorted.filter(([, ms]) => ms / total >= SMALLEST_SHARE);
  const rest = sorted.slice(shown.length).reduce((sum, [, ms]) => sum + ms, 0);
  return [...shown, ['the rest/' as string, rest] as const].map(([key, ms]) => {
    const [operator, kernel] = key.split('/') as [string, string];
    return ['', operator, kernel, ms.toFixed(2), `${((100 * ms) / total).toFixed(1)} %`];
  });
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** Milliseconds per run by `operator/kernel`; the first run warms up and is not counted. */
async function kernelTimes({ program, feeds }: Contender, runs: number): Promise<Map<string, number>> {
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

function sumKernels(events: readonly ProfileEvent[], runs: number): Map<string, number> {
  const kernels = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  const perRun = kernels.length / (runs + 1);
  const times = new Map<string, number>();
  for (const { name, dur, args } of kernels.slice(perRun)) {
    // Fused nodes are named after what they replace, or not at all.
    const operator = name.includes('/') ? name.split('/')[0]! : 'fused';
    const key = `${operator}/${args?.op_name ?? ''}`;
    times.set(key, (times.get(key) ?? 0) + dur / 1000 / runs);
  }
  return times;
}
