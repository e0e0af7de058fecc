/** @file How well models that learned random subsets of the images predict the noise in the queries: one ground truth for all methods. */
import { drawSubsetMasks } from '../../../core/evaluation/subset-masks.ts';
import { chooseSteps } from '../../../core/diffusion/evidence-bound.ts';
import { mean } from '../../../core/linalg/ranks.ts';
import { zeros64, type Matrix64 } from '../../../core/linalg/matrix.ts';
import { elementCount } from '../../../core/tensor/tensor.ts';
import { measureErrors } from '../../generating/query-errors.ts';
import type { QuerySet } from '../../generating/query-set.ts';
import type { LoadedDenoiser } from '../../generating/loaded-denoiser.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { SubsetPlan } from '../subset-truth.ts';
import type { GenerativeWork } from './generative-work.ts';
import { measureRetraining } from './kept-retraining.ts';

export interface GenerativeSubsetPlan extends SubsetPlan {
  /** Steps of time at which a loss is measured. */
  readonly measuredTimesteps: number;
}

export interface GenerativeSubsetTruth {
  /** Per subset, 1 where one of `model.learned` is in it. All subsets have one size and keep the share of every class. */
  readonly masks: readonly Uint8Array[];
  /** Minus the mean loss [subsets, queries], one matrix per repeat. */
  readonly repeats: readonly Matrix64[];
}

/**
 * Trains on the subsets what has not been trained before; reports the fraction of this work alone. All start from the model's own first parameters, and
 * trainings of one repeat share their noise, as all measurements do: what subsets differ in is their images.
 */
export async function measureGenerativeSubsets(
  work: GenerativeWork,
  plan: GenerativeSubsetPlan,
  queries: QuerySet,
  { progress }: Pick<RunContext, 'progress'>,
): Promise<GenerativeSubsetTruth> {
  const masks = drawMasks(work.model, plan);
  const repeats = Array.from({ length: plan.repeats }, () => zeros64(masks.length, queries.keys.length));
  for (const [subset, mask] of masks.entries())
    for (const [repeat, goodness] of repeats.entries()) {
      const done = (subset * plan.repeats + repeat) / (masks.length * plan.repeats);
      const stage =
        `Training subset ${subset + 1} of ${masks.length}` +
        (plan.repeats === 1 ? '' : `, ${repeat + 1} of ${plan.repeats}`);
      progress(stage, done);
      const measured = await measureSubset(work, plan, queries, mask, repeat, (fraction) =>
        progress(stage, done + fraction / (masks.length * plan.repeats)),
      );
      goodness.data.set(measured, subset * goodness.columns);
    }
  return { masks, repeats };
}

function drawMasks({ learned, samples }: LoadedDenoiser, plan: SubsetPlan): Uint8Array[] {
  return drawSubsetMasks({
    sampleCount: learned.length,
    subsetCount: plan.subsets,
    share: plan.share,
    seed: plan.seed,
    strata: learned.map(({ row }) => samples[row]!.label ?? 0),
  });
}

/** Minus the mean squared error per pixel over the steps, [queries]. */
function measureSubset(
  work: GenerativeWork,
  { measuredTimesteps, seed }: GenerativeSubsetPlan,
  queries: QuerySet,
  mask: Uint8Array,
  repeat: number,
  onProgress: (fraction: number) => void,
): Promise<Float64Array> {
  const { model, tools, context } = work;
  const { network, schedule } = model.denoiser;
  const steps = chooseSteps(schedule, measuredTimesteps, 'uniform');
  return measureRetraining(work, {
    places: Int32Array.from(model.learned.keys()).filter((place) => mask[place] === 1),
    repeat,
    measurement: { loss: queries.keys, classes: queries.classIndices, steps: [...steps], seed },
    length: queries.keys.length,
    onProgress,
    measure: async (average) => {
      const plan = { steps, seed, signal: context.signal };
      const errors = await measureErrors(tools.executor, model.denoiser, average, queries, plan);
      const pixels = elementCount(network.inputShape);
      return Float64Array.from(
        queries.keys,
        (_, query) => -mean(errors.data.subarray(query * steps.length, (query + 1) * steps.length)) / pixels,
      );
    },
  });
}
