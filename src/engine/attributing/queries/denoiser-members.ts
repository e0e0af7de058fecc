/** @file The members of an ensemble over a denoiser: models trained apart, checkpoints of its training, dropout masks, low-rank adapters. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../core/base/app-error.ts';
import { Random } from '../../../core/base/random.ts';
import { subNetwork } from '../../../core/nn/dropout.ts';
import { withDropout } from '../../../core/nn/insert-dropout.ts';
import { withAdapters } from '../../../core/nn/low-rank.ts';
import type { Network } from '../../../core/nn/network.ts';
import type { DiffusionChoices } from '../../../contract/generation-configs.ts';
import { readVectorFile, writeVectorFile } from '../../artifacts/vector-file.ts';
import { listDenoiserCheckpoints } from '../../generating/denoiser-checkpoints.ts';
import { hashParameters } from '../../generating/denoiser-artifact.ts';
import type { LoadedDenoiser } from '../../generating/loaded-denoiser.ts';
import { retrainingOf } from '../../generating/retraining.ts';
import { trainDenoiser } from '../../generating/train-denoiser.ts';
import type { QueryWork } from './query-work.ts';

export interface DenoiserMember {
  /** For a person, and distinct within the ensemble. */
  readonly name: string;
  readonly network: Network;
  readonly readParameters: () => Float32Array;
  /** Hash of everything its features depend on besides images, output function and projection. */
  readonly identity: string;
  readonly projectionSeed: number;
  /** TracIn: the learning that a checkpoint stands for; else 1. */
  readonly weight: number;
  readonly cost: { readonly trainSeconds: number; readonly modelBytes: number };
}

interface BaseModel {
  readonly name: string;
  readonly sha256: string;
  readonly readParameters: () => Float32Array;
  readonly cost: DenoiserMember['cost'];
}

const free = { trainSeconds: 0, modelBytes: 0 } as const;

export async function denoiserMembers(work: QueryWork): Promise<DenoiserMember[]> {
  const { choices } = work;
  const bases: BaseModel[] = [modelItself(work.model, choices)];
  for (let place = 1; place < choices.models; place++) bases.push(await trainedApart(work, place));
  const members: Omit<DenoiserMember, 'projectionSeed'>[] = [];
  for (const base of bases) members.push(...(await variantsOf(work, base)));
  // The model alone keeps the seed that was asked for, so that an ensemble's first member shares its features.
  return members.map((member, place) => ({
    ...member,
    projectionSeed: new Random(choices.seed, `projection/${place}`).uint32(),
  }));
}

function modelItself(model: LoadedDenoiser, { weights }: DiffusionChoices): BaseModel {
  const isAverage = weights === 'average';
  return {
    name: 'model 1',
    sha256: isAverage ? model.averageSha256 : model.parametersSha256,
    readParameters: () => (isAverage ? model.average : model.parameters),
    cost: free,
  };
}

const Kept = z.object({ seconds: z.number() });

/** Trained as the model was, from other seeds; kept, so that it is trained once for all methods. */
async function trainedApart(
  { folder, model, choices, tools, context }: QueryWork,
  place: number,
): Promise<BaseModel> {
  const name = `model ${place + 1}`;
  const { task, hash } = retrainingOf(folder, model, {
    rows: Int32Array.from(model.learned, ({ row }) => row),
    stream: `member ${place} of seed ${choices.seed}`,
    initialStream: `member ${place} of seed ${choices.seed}`,
  });
  const kept = await keptVectors(join(folder.modelsPath, 'members'), hash, async (checkpointPath) => {
    const { parameters, average } = await trainDenoiser(tools.executor, {
      ...task,
      checkpointPath,
      signal: context.signal,
      onStep: ({ step, loss }) =>
        context.progress(
          `Training ${name}`,
          (0.4 * (place - 1 + step / task.settings.steps)) / (choices.models - 1),
          {
            loss,
          },
        ),
    });
    return [parameters, average];
  });
  const vector = kept.vectors[choices.weights === 'average' ? 1 : 0]!;
  return {
    name,
    sha256: hashParameters(vector),
    readParameters: () => vector,
    cost: { trainSeconds: kept.seconds, modelBytes: 8 * vector.length },
  };
}

async function variantsOf(
  work: QueryWork,
  base: BaseModel,
): Promise<Omit<DenoiserMember, 'projectionSeed'>[]> {
  const { model, choices } = work;
  const { network } = model.denoiser;
  const { readParameters, cost } = base;
  const numbers = Array.from({ length: choices.variants }, (_, index) => index);
  switch (choices.ensemble) {
    case 'independent':
      return [{ ...base, network, identity: base.sha256, weight: 1 }];
    case 'checkpoints':
      return checkpointsOf(work, base);
    case 'dropout': {
      const masked = withDropout(network, choices.dropoutRate);
      return numbers.map((index) => {
        const seed = new Random(choices.seed, `mask ${index} of ${base.name}`).uint32();
        return {
          name: `${base.name}, mask ${index + 1}`,
          network: subNetwork(masked, seed),
          readParameters,
          identity: identityOf(base.sha256, { dropout: choices.dropoutRate, seed }),
          weight: 1,
          cost: index === 0 ? cost : free,
        };
      });
    }
    case 'lora': {
      const adapters: Omit<DenoiserMember, 'projectionSeed'>[] = [];
      for (const index of numbers) adapters.push(await adapterOf(work, base, index));
      return adapters;
    }
  }
}

function checkpointsOf(
  { folder, model, choices }: QueryWork,
  base: BaseModel,
): Omit<DenoiserMember, 'projectionSeed'>[] {
  const { network } = model.denoiser;
  const { config } = retrainingOf(folder, model, { rows: new Int32Array(0), stream: '', initialStream: '' });
  const kept =
    base.name === 'model 1'
      ? listDenoiserCheckpoints(folder, model.runId, config, choices.variants, network.parameterCount)
      : [];
  if (kept.length === 0) throw new AppError('model-without-checkpoints', { modelId: model.id });
  return kept.map(({ step, learning, read }) => ({
    name: `after step ${step}`,
    network,
    readParameters: () => read()[choices.weights === 'average' ? 'average' : 'parameters'],
    identity: identityOf(base.sha256, { checkpoint: step }),
    weight: choices.method === 'tracin' ? learning : 1,
    cost: free,
  }));
}

/** Peak rate of the adapters; their changes of a trained model are small. */
const ADAPTER_LEARNING_RATE = 1e-3;

async function adapterOf(
  { folder, model, choices, tools, context }: QueryWork,
  base: BaseModel,
  index: number,
): Promise<Omit<DenoiserMember, 'projectionSeed'>> {
  const network = withAdapters(model.denoiser.network, choices.adapterRank, base.readParameters);
  const stream = `adapter ${index} of ${base.name}`;
  const { task, hash } = retrainingOf(folder, model, {
    rows: Int32Array.from(model.learned, ({ row }) => row),
    stream,
    initialStream: stream,
  });
  const settings = {
    ...task.settings,
    steps: choices.adapterSteps,
    learningRate: ADAPTER_LEARNING_RATE,
    seed: choices.seed,
  };
  const name = `${base.name}, adapter ${index + 1}`;
  const key = identityOf(hash, { base: base.sha256, rank: choices.adapterRank, settings });
  const kept = await keptVectors(join(folder.modelsPath, 'members'), key, async (checkpointPath) => {
    const { parameters } = await trainDenoiser(tools.executor, {
      ...task,
      denoiser: { ...model.denoiser, network },
      origin: { ...(task.origin as object), base: base.sha256, rank: choices.adapterRank },
      settings,
      checkpointPath,
      signal: context.signal,
      onStep: ({ step, loss }) => context.progress(`Training ${name}`, null, { step, loss }),
    });
    return [parameters];
  });
  const [parameters] = kept.vectors;
  return {
    name,
    network,
    readParameters: () => parameters!,
    identity: identityOf(base.sha256, { adapter: hashParameters(parameters!), rank: choices.adapterRank }),
    weight: 1,
    cost: {
      trainSeconds: kept.seconds + (index === 0 ? base.cost.trainSeconds : 0),
      modelBytes: 4 * parameters!.length + (index === 0 ? base.cost.modelBytes : 0),
    },
  };
}

/** What lies under this name, or is made now and kept. */
async function keptVectors(
  path: string,
  hash: string,
  make: (checkpointPath: string) => Promise<readonly Float32Array[]>,
): Promise<{ readonly vectors: readonly Float32Array[]; readonly seconds: number }> {
  mkdirSync(path, { recursive: true });
  const file = join(path, `${hash.slice(0, 32)}.f32`);
  const found = readVectorFile(file, Kept);
  if (found !== null) return { vectors: found.vectors, seconds: found.header.seconds };
  const start = performance.now();
  const checkpointPath = `${file}.checkpoint`;
  const vectors = await make(checkpointPath);
  const seconds = (performance.now() - start) / 1000;
  writeVectorFile(file, { seconds }, vectors);
  rmSync(checkpointPath, { force: true });
  return { vectors, seconds };
}

function identityOf(base: string, more: object): string {
  return createHash('sha256').update(base).update(JSON.stringify(more)).digest('hex');
}
