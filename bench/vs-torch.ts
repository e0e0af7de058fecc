/**
 * @file Our programs against PyTorch on the same processor, in the same minutes: training steps, per-sample features, embeddings; what
 * memory they take; and how soon a ResNet-18 starts. Every comparison first checks that both compute the same.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { float32, type Tensor } from '../src/core/tensor/tensor.ts';
import type { Bench, Goal } from './bench.ts';
import { classifierOf, frozenContender, settings, type FrozenWork, type Setting } from './contenders.ts';
import { openOwn, type OwnEntrant } from './own-entrant.ts';
import { median, race, speedUp, type Race, type RaceOptions } from './paired.ts';
import { missingPackages } from './peer.ts';
import { startSeconds } from './resnet18.ts';
import { expectEqual } from './torch/agreement.ts';
import { openTorch, projectionTensors, tensorsOf, type TorchEntrant, type TorchTask } from './torch/task.ts';
import { trainings, type TrainingName } from './torch/trainings.ts';

const THREADS = availableParallelism();
const FEATURES = 4096;

const goals: Record<string, Goal> = {
  'train.cnn64': 0.95,
  'train.cnn128': 0.95,
  'train.resnet9x64': 0.95,
  'train.unet32': 0.9,
  ...Object.fromEntries(Object.keys(trainings).map((name) => [`memory.${name}`, { atMost: 1.2 }] as const)),
};
for (const model of ['cnn64', 'resnet9x32']) {
  goals[`features.${model}.overVmap`] = 8;
  goals[`features.${model}.overHooks`] = 1.5;
  goals[`features.${model}.overBackward`] = { atMost: 1.25 };
  goals[`fold.${model}.overFull`] = 3.5;
  goals[`embedding.${model}`] = 1.3;
}
goals['resnet18.startSeconds'] = { atMost: 1 };
goals['resnet18.secondStartSeconds'] = { atMost: 0.3 };

type Row = readonly string[];

interface Found {
  readonly figures: Record<string, number>;
  readonly rows: readonly Row[];
}

export const run: Bench = async ({ quick, seed }) => {
  const missing = missingPackages(['torch']);
  if (missing !== null) throw new Error(`bench: ${missing} Take libopenblas0 too, or its products are slow.`);
  const options = quick ? { rounds: 3, secondsPerTurn: 0.2 } : { rounds: 15, secondsPerTurn: 0.4 };
  const figures: Record<string, number> = {};
  const table: Row[] = [['work', 'entrant', 'ms', 'ours is faster by', 'clean rounds']];
  const add = (found: Found) => {
    Object.assign(figures, found.figures);
    table.push(...found.rows);
  };
  for (const name of Object.keys(trainings) as TrainingName[])
    add(await compareTraining(name, seed, options));
  const models = { cnn64: settings.cnn64, resnet9x32: settings.resnet32 };
  for (const [name, setting] of Object.entries(models)) {
    add(await compareFeatures(name, setting, seed, options));
    add(await compareFold(name, setting, seed, options));
    add(await compareEmbedding(name, setting, seed, options));
  }
  add(foundStart(await startSeconds(THREADS)));
  return { figures, goals, table };
};

async function compareTraining(name: TrainingName, seed: number, options: RaceOptions): Promise<Found> {
  const contender = trainings[name].contender(seed);
  const task = { ...trainings[name].task(contender), threads: THREADS };
  const own = await openOwn('ours', contender, THREADS);
  const peers = await openPeers({
    'PyTorch NCHW': { ...task, layout: 'nchw' },
    'PyTorch channels last': { ...task, layout: 'channels_last' },
  });
  const state = (await own.result())['optimizerState']!.data as Float32Array;
  for (const peer of peers) {
    const theirs = await peer.result();
    expectEqual(name, peer.name, state.subarray(0, theirs.length), theirs);
  }
  const found = await race([own, ...peers], options);
  const best = fastest(found, peers);
  const peak = await best.peakMemory();
  const ownPeak = peakOfOwn(name);
  await closeAll([own, ...peers]);
  const memory = ['', 'peak memory', '', `${ownPeak.toFixed(0)} MB of ${peak.toFixed(0)}`, ''];
  return {
    figures: { [`train.${name}`]: speedUp(found, 'ours', best.name), [`memory.${name}`]: ownPeak / peak },
    rows: [...rowsOf(`train ${name}`, found), memory],
  };
}

async function compareFeatures(
  name: string,
  setting: Setting,
  seed: number,
  options: RaceOptions,
): Promise<Found> {
  const own = await openFrozen('ours', setting, 'factorised', seed);
  const backward = await openFrozen('our backward alone', setting, 'backward', seed);
  const task = frozenTask(setting, 'factorised', seed);
  const peers = await openPeers({
    'hooks NCHW': { ...task, layout: 'nchw', route: 'hooks' },
    'hooks channels last': { ...task, layout: 'channels_last', route: 'hooks' },
    'vmap of grad': { ...task, layout: 'nchw', route: 'vmap' },
  });
  const features = (await own.result())['features']!.data as Float32Array;
  for (const peer of peers) expectEqual(name, peer.name, features, await peer.result());
  const found = await race([own, backward, ...peers], options);
  const hooks = fastest(found, peers.slice(0, 2));
  await closeAll([own, backward, ...peers]);
  return {
    figures: {
      [`features.${name}.overVmap`]: speedUp(found, 'ours', 'vmap of grad'),
      [`features.${name}.overHooks`]: speedUp(found, 'ours', hooks.name),
      [`features.${name}.overBackward`]: speedUp(found, backward.name, 'ours'),
    },
    rows: rowsOf(`factorised features ${name}`, found),
  };
}

async function compareFold(
  name: string,
  setting: Setting,
  seed: number,
  options: RaceOptions,
): Promise<Found> {
  const own = await openFrozen('ours', setting, 'fold', seed);
  const task = frozenTask(setting, 'fold', seed);
  const routes = {
    'full gradients NCHW': { ...task, layout: 'nchw', route: 'hooks' },
    'full gradients channels last': { ...task, layout: 'channels_last', route: 'hooks' },
    'vmap of grad': { ...task, layout: 'nchw', route: 'vmap' },
  } as const;
  await expectEqualGradients(name, setting, seed);
  const peers = await openPeers(routes);
  const found = await race([own, ...peers], options);
  const best = fastest(found, peers);
  await closeAll([own, ...peers]);
  return {
    figures: { [`fold.${name}.overFull`]: speedUp(found, 'ours', best.name) },
    rows: rowsOf(`fold sketch ${name}`, found),
  };
}

/** The sketches' signs differ, so what they are made of is compared: squared norms of the full gradients. */
async function expectEqualGradients(name: string, setting: Setting, seed: number): Promise<void> {
  const own = await openFrozen('ours', setting, 'fold', seed);
  const norms = (await own.result())['squaredNorms']!.data as Float32Array;
  const task = frozenTask(setting, 'none', seed);
  const [peer] = await openPeers({ 'full gradients': { ...task, layout: 'nchw', route: 'hooks' } });
  const gradients = await peer!.result();
  const width = gradients.length / setting.batchSize;
  const theirs = Float32Array.from({ length: setting.batchSize }, (_, row) =>
    gradients.subarray(row * width, (row + 1) * width).reduce((sum, entry) => sum + entry * entry, 0),
  );
  expectEqual(name, peer!.name, norms, theirs);
  await closeAll([own, peer!]);
}

async function compareEmbedding(
  name: string,
  setting: Setting,
  seed: number,
  options: RaceOptions,
): Promise<Found> {
  const own = await openFrozen('ours', setting, 'forward', seed);
  const task = frozenTask(setting, 'embedding', seed);
  const peers = await openPeers({
    'PyTorch NCHW': { ...task, layout: 'nchw' },
    'PyTorch channels last': { ...task, layout: 'channels_last' },
  });
  const embedding = (await own.result())['embedding']!.data as Float32Array;
  for (const peer of peers) expectEqual(name, peer.name, embedding, await peer.result());
  const found = await race([own, ...peers], options);
  const best = fastest(found, peers);
  await closeAll([own, ...peers]);
  return {
    figures: { [`embedding.${name}`]: speedUp(found, 'ours', best.name) },
    rows: rowsOf(`embedding ${name}`, found),
  };
}

function openFrozen(name: string, setting: Setting, work: FrozenWork, seed: number): Promise<OwnEntrant> {
  return openOwn(name, frozenContender(setting, work, { size: FEATURES, seed }), THREADS);
}

function frozenTask(setting: Setting, work: TorchTask['work'], seed: number): Omit<TorchTask, 'layout'> {
  const { architecture, channels, imageSize } = setting;
  const classifier = classifierOf(setting);
  const { feeds } = frozenContender(setting, 'forward', { size: FEATURES, seed });
  const { tensors, ...projection } = projectionTensors(setting, { size: FEATURES, seed });
  const parameters: Tensor = float32([classifier.parameterCount], classifier.initialParameters(seed));
  return {
    work,
    architecture,
    image: [channels, imageSize],
    threads: THREADS,
    ...projection,
    size: FEATURES,
    tensors: { ...tensorsOf(feeds, ['images', 'targets']), parameters, ...tensors },
  };
}

function openPeers(tasks: Readonly<Record<string, TorchTask>>): Promise<TorchEntrant[]> {
  return Promise.all(Object.entries(tasks).map(([name, task]) => openTorch(name, task)));
}

async function closeAll(entrants: readonly { readonly close: () => Promise<void> }[]): Promise<void> {
  for (const entrant of entrants) await entrant.close();
}

function fastest<Peer extends { readonly name: string }>({ times }: Race, peers: readonly Peer[]): Peer {
  return peers.toSorted((a, b) => median(times.get(a.name)!) - median(times.get(b.name)!))[0]!;
}

function rowsOf(work: string, found: Race): Row[] {
  return [...found.times].map(([entrant, times], index) => [
    index === 0 ? work : '',
    entrant,
    (1000 * median(times)).toFixed(1),
    index === 0 ? '' : `${speedUp(found, 'ours', entrant).toFixed(2)} ×`,
    index === 0 ? `${found.cleanRounds} of ${found.cleanRounds + found.droppedRounds}` : '',
  ]);
}

/** In a process of its own, as PyTorch's is measured. */
function peakOfOwn(name: TrainingName): number {
  const file = path.join(import.meta.dirname, 'torch', 'own-peak.ts');
  const { stdout } = spawnSync(process.execPath, [file, name, String(THREADS)], { encoding: 'utf8' });
  return Number(stdout);
}

function foundStart({ first, second }: { readonly first: number; readonly second: number }): Found {
  return {
    figures: { 'resnet18.startSeconds': first, 'resnet18.secondStartSeconds': second },
    rows: [
      ['start ResNet-18', 'compiling', (1000 * first).toFixed(0), '', ''],
      ['', 'compiled before', (1000 * second).toFixed(0), '', ''],
    ],
  };
}
