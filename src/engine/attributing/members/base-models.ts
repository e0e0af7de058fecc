/** @file The trained models of an ensemble, before masks, checkpoints or adapters make members of them. */
import { drawSubsetMasks } from '../../../core/evaluation/subset-masks.ts';
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';
import { checkpointsPath } from '../../training/kept-checkpoints.ts';
import type { MemberModel } from '../member-model.ts';
import type { MemberWork } from './member-work.ts';
import { trainMember } from './train-member.ts';

export interface BaseModel {
  /** 'model 2' */
  readonly name: string;
  readonly parametersSha256: string;
  readonly readParameters: () => Float32Array;
  readonly checkpointsPath: string;
  readonly cost: MemberModel['cost'];
}

export type EnsembleSize = Pick<AttributionChoices, 'models' | 'modelShare' | 'seed'>;

/** Which of the ensemble's models are to be trained: the model itself is the first, unless each learns a share only. */
export function trainedPlaces({ models, modelShare }: EnsembleSize): number[] {
  const places = Array.from({ length: models }, (_, place) => place);
  return modelShare === 1 ? places.slice(1) : places;
}

/** `onProgress`: how many of the trainings are done, the one that goes on as a fraction. */
export async function baseModels(
  work: MemberWork,
  size: EnsembleSize,
  checkpoints: number,
  onProgress: (name: string, done: number) => void,
): Promise<BaseModel[]> {
  const trained = trainedPlaces(size);
  const bases = trained.length === size.models ? [] : [modelItself(work)];
  for (const [done, place] of trained.entries()) {
    const name = `model ${place + 1}`;
    const rows = rowsOf(work, size, place);
    const { network, origin, settings, epochs } = work.recipe();
    const stream = `member ${place} of seed ${size.seed}`;
    const training = { network, origin, settings, epochs, rows, stream, checkpoints };
    const { path, trainSeconds, modelBytes, ...parameters } = await trainMember(work, training, (fraction) =>
      onProgress(name, done + fraction),
    );
    bases.push({
      ...parameters,
      name,
      checkpointsPath: checkpointsPath(path),
      cost: { trainSeconds, modelBytes },
    });
  }
  return bases;
}

function modelItself({ model, checkpointsPath: path }: MemberWork): BaseModel {
  return {
    name: 'model 1',
    parametersSha256: model.parametersSha256,
    readParameters: () => model.parameters,
    checkpointsPath: path,
    cost: { trainSeconds: 0, modelBytes: 0 },
  };
}

/** What the training at this place learns: all, or a share of each class. */
export function rowsOf(
  { model }: MemberWork,
  { modelShare: share, seed }: Pick<EnsembleSize, 'modelShare' | 'seed'>,
  place: number,
): Int32Array {
  const { learned } = model;
  const all = Int32Array.from(learned, ({ row }) => row);
  if (share === 1) return all;
  const strata = learned.map(({ classIndex }) => classIndex);
  const plan = { sampleCount: learned.length, subsetCount: place + 1, share, seed, strata };
  const mask = drawSubsetMasks(plan)[place]!;
  return all.filter((_, index) => mask[index] === 1);
}
