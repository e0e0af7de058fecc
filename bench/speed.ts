/** @file Timing of programs that share the machine with others: interleaved rounds, medians, and the load that was not ours. */
import { cpus } from 'node:os';
import { Random } from '../src/core/base/random.ts';
import type { Feeds, Program, Session } from '../src/core/execution/executor.ts';
import { imageShape, type Network } from '../src/core/nn/network.ts';
import { elementCount, float32, type Tensor } from '../src/core/tensor/tensor.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';

export interface Contender {
  readonly name: string;
  readonly batchSize: number;
  readonly program: Program;
  readonly feeds: Feeds;
}

export interface Speed {
  readonly name: string;
  readonly batchSize: number;
  readonly openMs: number;
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly samplesPerSecond: number;
}

export interface Speeds {
  readonly speeds: readonly Speed[];
  /** Cores that other processes kept busy meanwhile: figures taken above 0.1 are too low. */
  readonly foreignLoad: number;
}

/** One timed run of each contender per round, so that a busy spell hits all alike; the first round warms up and is not counted. */
export async function measureSpeeds(contenders: readonly Contender[], rounds: number): Promise<Speeds> {
  const executor = createOrtExecutor();
  const racing: { contender: Contender; session: Session; openMs: number; times: number[] }[] = [];
  for (const contender of contenders) {
    const start = performance.now();
    const session = await executor.open(contender.program);
    racing.push({ contender, session, openMs: performance.now() - start, times: [] });
  }
  const before = load();
  for (let round = 0; round <= rounds; round++) {
    for (const { contender, session, times } of racing) {
      // The threads of the session before spin for a while after its run: the first run of a turn pays for that.
      await session.run(contender.feeds);
      const start = performance.now();
      await session.run(contender.feeds);
      if (round > 0) times.push(performance.now() - start);
    }
  }
  const after = load();
  for (const { session } of racing) await session.dispose();
  const foreign = after.busyMs - before.busyMs - (after.ownMs - before.ownMs);
  return {
    speeds: racing.map(({ contender, openMs, times }) => summarise(contender, openMs, times)),
    foreignLoad: Math.max(0, foreign / (after.wallMs - before.wallMs)),
  };
}

function summarise({ name, batchSize }: Contender, openMs: number, times: readonly number[]): Speed {
  const sorted = times.toSorted((a, b) => a - b);
  const medianMs = sorted[Math.floor(sorted.length / 2)]!;
  return {
    name,
    batchSize,
    openMs,
    medianMs,
    fastestMs: sorted[0]!,
    samplesPerSecond: (1000 * batchSize) / medianMs,
  };
}

function load(): { wallMs: number; busyMs: number; ownMs: number } {
  let busyMs = 0;
  for (const { times } of cpus()) busyMs += times.user + times.nice + times.sys + times.irq;
  const own = process.cpuUsage();
  return { wallMs: performance.now(), busyMs, ownMs: (own.user + own.system) / 1000 };
}

export function speedTable({ speeds, foreignLoad }: Speeds): string[][] {
  return [
    ['program', 'batch', 'open ms', 'median ms', 'fastest ms', 'samples/s'],
    ...speeds.map((speed) => [
      speed.name,
      String(speed.batchSize),
      speed.openMs.toFixed(0),
      speed.medianMs.toFixed(1),
      speed.fastestMs.toFixed(1),
      speed.samplesPerSecond.toFixed(0),
    ]),
    ['cores kept busy by others', '', '', '', '', foreignLoad.toFixed(2)],
  ];
}

/** Random pixels and labels in the network's shapes: speed does not depend on the content. */
export function randomBatch(network: Network, batchSize: number, seed: number): Record<string, Tensor> {
  const random = new Random(seed, 'batch');
  const { outputCount } = network;
  const shape = imageShape(network, batchSize);
  const targets = new Float32Array(batchSize * outputCount);
  for (let row = 0; row < batchSize; row++) targets[row * outputCount + random.integer(outputCount)] = 1;
  return {
    images: float32(
      shape,
      new Float32Array(elementCount(shape)).map(() => random.normal()),
    ),
    targets: float32([batchSize, outputCount], targets),
  };
}
