/** @file What becomes of one trained model in an ensemble: itself, its checkpoints, its sub-networks, or copies with adapters of their own. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '../../../core/base/app-error.ts';
import { Random } from '../../../core/base/random.ts';
import { withDropout } from '../../../core/nn/insert-dropout.ts';
import { withAdapters } from '../../../core/nn/low-rank.ts';
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';
import { chooseCheckpoints, readCheckpointList } from '../../training/kept-checkpoints.ts';
import type { TrainingSettings } from '../../training/training-task.ts';
import type { MemberModel } from '../member-model.ts';
import { rowsOf, type BaseModel } from './base-models.ts';
import type { MemberWork } from './member-work.ts';
import { readChecked, trainMember } from './train-member.ts';

/** A member before the ensemble gives it a projection. */
export type Variant = Omit<MemberModel, 'projectionSeed' | 'projectionSize'>;

const noCost: MemberModel['cost'] = { trainSeconds: 0, modelBytes: 0 };

export function baseItself({ model }: MemberWork, base: BaseModel): Variant {
  return {
    name: base.name,
    network: model.classifier,
    readParameters: base.readParameters,
    identity: base.parametersSha256,
    dropout: null,
    contributes: 'scores-and-residuals',
    weight: 1,
    cost: base.cost,
  };
}

/** Its training's checkpoints, at most `variants` of them, weighed by the learning that each stands for. */
export function checkpointsOf(work: MemberWork, base: BaseModel, variants: number): Variant[] {
  const kept = readCheckpointList(base.checkpointsPath);
  if (kept === null) throw new AppError('model-without-checkpoints', { modelId: work.modelId });
  return chooseCheckpoints(kept, variants).map(({ epochs, learning, file, sha256 }, index) => ({
    ...baseItself(work, base),
    name: `${base.name}, after epoch ${epochs}`,
    readParameters:
      file === null ? base.readParameters : () => readChecked(join(base.checkpointsPath, file), sha256),
    identity: sha256,
    weight: learning,
    cost: {
      trainSeconds: index === 0 ? base.cost.trainSeconds : 0,
      modelBytes: file === null ? base.cost.modelBytes : 4 * work.model.classifier.parameterCount,
    },
  }));
}

export type MaskChoices = Pick<AttributionChoices, 'variants' | 'dropoutRate' | 'maskMode' | 'seed'>;

/** The model under dropout, each time with other masks. */
export function dropoutsOf(work: MemberWork, base: BaseModel, choices: MaskChoices): Variant[] {
  const { variants, dropoutRate: rate, maskMode, seed } = choices;
  const network = withDropout(work.model.classifier, rate);
  return Array.from({ length: variants }, (_, index) => {
    const maskSeed = new Random(seed, `${base.name}, mask ${index + 1}`).uint32();
    const own = baseItself(work, base);
    return {
      ...own,
      name: `${base.name}, mask ${index + 1}`,
      network,
      identity: hashOf({ base: own.identity, dropouts: network.dropouts, maskMode, maskSeed }),
      dropout: { mode: maskMode, seed: maskSeed },
      cost: index === 0 ? own.cost : noCost,
    };
  });
}

/** Adam without decay, whatever the model itself was trained with (Hu et al. 2022). */
const adapterTraining = {
  optimizer: 'adamw',
  weightDecay: 0,
  schedule: 'cosine',
} as const satisfies Partial<TrainingSettings>;

export type AdapterChoices = Pick<
  AttributionChoices,
  'models' | 'modelShare' | 'variants' | 'adapterRank' | 'adapterEpochs' | 'adapterLearningRate' | 'seed'
>;

/**
 * The model with low-rank adapters, each time fine-tuned from other first values in another order; gradients are taken by the adapters alone. Where
 * models learn a share of the images, adapters learn a share of their own: what the model has by heart already would teach them nothing.
 */
export async function adaptersOf(
  work: MemberWork,
  base: BaseModel,
  place: number,
  choices: AdapterChoices,
  onProgress: (name: string, done: number) => void,
): Promise<Variant[]> {
  const {
    variants,
    adapterRank: rank,
    adapterEpochs: epochs,
    adapterLearningRate: learningRate,
    seed,
  } = choices;
  const network = withAdapters(work.model.classifier, rank, base.readParameters);
  const found: Variant[] = [];
  for (let index = 0; index < variants; index++) {
    const name = `${base.name}, adapters ${index + 1}`;
    const origin = { adaptersOf: base.parametersSha256, rank };
    const settings = { ...work.recipe().settings, ...adapterTraining, learningRate, epochs };
    const stream = `${name} of seed ${seed}`;
    const rows = rowsOf(work, choices, choices.models + place * variants + index);
    const training = { network, origin, settings, epochs, rows, stream, checkpoints: 0 };
    const trained = await trainMember(work, training, (fraction) => onProgress(name, index + fraction));
    found.push({
      ...baseItself(work, base),
      name,
      network,
      readParameters: trained.readParameters,
      identity: hashOf({ ...origin, adapters: trained.parametersSha256 }),
      cost: {
        trainSeconds: trained.trainSeconds + (index === 0 ? base.cost.trainSeconds : 0),
        modelBytes: trained.modelBytes + (index === 0 ? base.cost.modelBytes : 0),
      },
    });
  }
  return found;
}

function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
