/** @file Query images made ready to be attributed: their pixels, and the way on which they were made where a method follows it. */
import { diffusionMethods } from '../../../core/attribution/diffusion-registry.ts';
import type { DiffusionChoices } from '../../../contract/generation-configs.ts';
import { journeysOf } from '../../generating/journey.ts';
import type { LoadedDenoiser } from '../../generating/loaded-denoiser.ts';
import { requireGeneration } from '../../generating/query-generation.ts';
import { readQuerySet } from '../../generating/query-files.ts';
import type { View } from '../../generating/views.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { StoredQuery } from '../../storage/queries.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import type { ComputeTools } from '../compute-tools.ts';
import { stepsOf, viewsOf } from './query-features.ts';
import type { AskedImage } from './query-work.ts';

/** Gradients are taken at so many steps of a journey at most. */
const JOURNEY_STEPS = 50;

export async function askedImages(
  folder: ProjectFolder,
  model: LoadedDenoiser,
  choices: DiffusionChoices,
  queries: readonly StoredQuery[],
  { executor }: Pick<ComputeTools, 'executor'>,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<AskedImage[]> {
  const set = await readQuerySet(folder, model, queries, context);
  const steps = stepsOf({ model, choices });
  const follows = diffusionMethods[choices.method].queryGradients === 'journey';
  const asked: AskedImage[] = [];
  for (const [place, query] of queries.entries()) {
    const classIndex = set.classIndices[place]!;
    asked.push({
      key: set.keys[place]!,
      classIndex,
      views: viewsOf(set.images[place]!, steps),
      journey: follows ? await journeyOf(model, choices, query, classIndex, executor, context.signal) : null,
    });
  }
  return asked;
}

async function journeyOf(
  model: LoadedDenoiser,
  { method }: DiffusionChoices,
  query: StoredQuery,
  classIndex: number,
  executor: ComputeTools['executor'],
  signal: AbortSignal,
): Promise<View[]> {
  const { sampler, steps, seed, image, guidance } = requireGeneration(query, model, method);
  const plan = { sampler, steps, seed, guidance, indices: [image], classIndices: [classIndex], signal };
  const [journey] = await journeysOf(executor, model.denoiser, model.average, plan);
  const stride = Math.ceil(journey!.length / JOURNEY_STEPS);
  return journey!.filter((_, index) => index % stride === 0);
}
