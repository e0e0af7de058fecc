/** @file What images are compared by: a model's last layer, a feature extractor, or small pixels where there is no model yet. */
import { z } from 'zod';
import { ModelChoices } from './model-choices.ts';
import { ModelId } from './vocabulary.ts';

export const EmbeddingChoices = ModelChoices.pick({
  embedding: true,
  imageSize: true,
  pixels: true,
  means: true,
  deviations: true,
  channelOrder: true,
  grey: true,
}).extend({
  source: z
    .enum(['auto', 'model', 'file', 'pixels'])
    .default('auto')
    .describe(
      'what images are compared by: model (what its last layer sees), file (an ONNX feature extractor), pixels (the images made small), auto (the newest model where there is one, else pixels)',
    ),
  modelId: ModelId.nullable()
    .default(null)
    .describe('for model: number of the model; the newest where not given'),
  file: z.string().default('').describe('for file: ONNX file with one image input'),
});
export type EmbeddingChoices = z.infer<typeof EmbeddingChoices>;
