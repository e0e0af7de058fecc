/** @file What a query image was made with, to make it again. */
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { samplerKinds } from '../../core/diffusion/sampler.ts';
import type { StoredQuery } from '../storage/queries.ts';
import type { LoadedDenoiser } from './loaded-denoiser.ts';

const Generation = z.object({
  sampler: z.enum(samplerKinds),
  steps: z.number().int(),
  seed: z.number().int(),
  /** Number of the image within the seed. */
  image: z.number().int(),
  /** Of classifier-free guidance. */
  guidance: z.number().default(1),
});
export type Generation = z.infer<typeof Generation>;

/** null where this model did not make it. */
export function generationOf(
  query: Pick<StoredQuery, 'modelId' | 'generation'>,
  model: Pick<LoadedDenoiser, 'id'>,
): Generation | null {
  const generation = Generation.safeParse(query.generation);
  return query.modelId === model.id && generation.success ? generation.data : null;
}

/** `method` names what cannot be done without. */
export function requireGeneration(
  query: Pick<StoredQuery, 'id' | 'modelId' | 'generation'>,
  model: Pick<LoadedDenoiser, 'id'>,
  method: string,
): Generation {
  const generation = generationOf(query, model);
  if (generation === null)
    throw new AppError('method-needs-generated', { queryId: query.id, modelId: model.id, method });
  return generation;
}
