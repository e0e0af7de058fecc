/** @file The members of an ensemble, in two levels: trained models, and variants of each. */
import { Random } from '../../../core/base/random.ts';
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';
import type { MemberModel } from '../member-model.ts';
import { baseModels, trainedPlaces, type BaseModel } from './base-models.ts';
import type { MemberWork } from './member-work.ts';
import { adaptersOf, baseItself, checkpointsOf, dropoutsOf, type Variant } from './variants.ts';

export type EnsembleChoices = Pick<
  AttributionChoices,
  | 'ensemble'
  | 'models'
  | 'modelShare'
  | 'variants'
  | 'dropoutRate'
  | 'maskMode'
  | 'adapterRank'
  | 'adapterEpochs'
  | 'adapterLearningRate'
  | 'projectionSize'
  | 'projectionSeeds'
  | 'seed'
>;

/**
 * The members that `choices` asks for; trains and fine-tunes what is missing. At least one of them contributes scores. Throws
 * `model-without-checkpoints` where these are asked for and the model has none.
 */
export async function makeMembers(work: MemberWork, choices: EnsembleChoices): Promise<MemberModel[]> {
  const { ensemble, models, variants } = choices;
  const adapterTrainings = ensemble === 'lora' ? models * variants : 0;
  const total = trainedPlaces(choices).length + adapterTrainings;
  const onProgress = (name: string, done: number): void => work.progress(`Training ${name}`, done / total);
  const bases = await baseModels(work, choices, ensemble === 'checkpoints' ? variants : 0, onProgress);
  const found: Variant[] = [];
  for (const [index, base] of bases.entries()) {
    const before = total - adapterTrainings + index * variants;
    const onVariant = (name: string, done: number): void => onProgress(name, before + done);
    found.push(...(await variantsOf(work, base, index, choices, onVariant)));
  }
  return withProjections(found, choices);
}

function variantsOf(
  work: MemberWork,
  base: BaseModel,
  place: number,
  choices: EnsembleChoices,
  onProgress: (name: string, done: number) => void,
): Promise<Variant[]> | Variant[] {
  switch (choices.ensemble) {
    case 'independent':
      return [baseItself(work, base)];
    case 'checkpoints':
      return checkpointsOf(work, base, choices.variants);
    case 'dropout':
      return dropoutsOf(work, base, choices);
    case 'dropout-forward':
      return [
        { ...baseItself(work, base), contributes: 'scores' },
        ...dropoutsOf(work, base, choices).map((variant) => ({
          ...variant,
          contributes: 'residuals' as const,
          // The model is counted once.
          cost: { trainSeconds: 0, modelBytes: 0 },
        })),
      ];
    case 'lora':
      return adaptersOf(work, base, place, choices, onProgress);
  }
}

/** Of few parameters this many times fewer features are enough. */
const ADAPTER_SHORTENING = 4;

/** The first has the projection that the model alone would have, so that its features are shared with other attributions. */
function withProjections(
  variants: readonly Variant[],
  { ensemble, projectionSize, projectionSeeds, seed }: EnsembleChoices,
): MemberModel[] {
  return variants.map((variant, index) => ({
    ...variant,
    projectionSeed:
      index === 0 || projectionSeeds === 'shared' ? seed : new Random(seed, `projection ${index}`).uint32(),
    projectionSize:
      ensemble === 'lora'
        ? Math.min(Math.ceil(projectionSize / ADAPTER_SHORTENING), variant.network.parameterCount)
        : projectionSize,
  }));
}
