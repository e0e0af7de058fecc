/** @file Images that are asked about beside the queries: a pattern unlike any image, images that the model never saw, and images that it learned. */
import { diffusionMethods } from '../../../core/attribution/diffusion-registry.ts';
import type { QueryInfluences } from '../../../core/attribution/top-influences.ts';
import { Random } from '../../../core/base/random.ts';
import type { DiffusionChoices } from '../../../contract/generation-configs.ts';
import { controlSet, heldOutRows } from '../../generating/control-set.ts';
import type { LoadedDenoiser } from '../../generating/loaded-denoiser.ts';
import type { AttributionBackground } from '../../storage/queries.ts';
import { stepsOf, viewsOf } from './query-features.ts';
import type { AskedImage } from './query-work.ts';

type ControlFacts = AttributionBackground['controls'][number];

export interface AskedControl extends Pick<ControlFacts, 'role' | 'sampleId'> {
  readonly image: AskedImage;
}

/** `count` of each kind, and the pattern; none where none are asked for, or the method follows how images were made. */
export async function askedControls(
  model: LoadedDenoiser,
  choices: DiffusionChoices,
  count: number,
): Promise<AskedControl[]> {
  if (count === 0 || diffusionMethods[choices.method].queryGradients === 'journey') return [];
  const heldOut = heldOutRows(model, count, choices.seed);
  const learned = new Random(choices.seed, 'known training images')
    .shuffle(Int32Array.from(model.learned, ({ row }) => row))
    .slice(0, count);
  const rows = Int32Array.from([...heldOut, ...learned]);
  const set = await controlSet(model, rows, choices.seed);
  const steps = stepsOf({ model, choices });
  return set.keys.map((key, place) => ({
    role: place === 0 ? 'unrelated' : place <= heldOut.length ? 'held-out-image' : 'training-image',
    sampleId: place === 0 ? null : model.samples[rows[place - 1]!]!.id,
    image: {
      ...{ key, classIndex: set.classIndices[place]!, journey: null },
      views: viewsOf(set.images[place]!, steps),
    },
  }));
}

export function foundOfControl(
  { role, sampleId }: AskedControl,
  { proponents }: QueryInfluences,
): Omit<ControlFacts, 'mean' | 'deviation'> {
  const place = role === 'training-image' ? proponents.findIndex((own) => own.sampleId === sampleId) : -1;
  return {
    ...{ role, sampleId },
    strongest: proponents[0]?.score ?? null,
    own: place < 0 ? null : { rank: place + 1, score: proponents[place]!.score },
  };
}
