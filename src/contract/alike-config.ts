/** @file Asking which images are most like one of them. */
import type { z } from 'zod';
import { EmbeddingChoices } from './embedding-choices.ts';
import { ProviderChoice } from './engine-service.ts';
import { SampleId } from './vocabulary.ts';

export const FindAlikeConfig = EmbeddingChoices.extend({
  sampleId: SampleId.describe('number of the image that the others are compared with'),
  provider: ProviderChoice.default('auto').describe('where embeddings are computed'),
});
export type FindAlikeConfig = z.infer<typeof FindAlikeConfig>;
