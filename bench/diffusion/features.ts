/** @file Features of the training images and of queries under one model of a study. */
import { createHash } from 'node:crypto';
import { chooseSteps } from '../../src/core/diffusion/evidence-bound.ts';
import { makeMatrix, type Matrix32 } from '../../src/core/linalg/matrix.ts';
import type { Projection } from '../../src/core/nn/projection.ts';
import { DenoiserFeatures, type DenoiserQuantity } from '../../src/engine/generating/denoiser-features.ts';
import { fromPixels } from '../../src/engine/generating/make-images.ts';
import type { QuerySet } from '../../src/engine/generating/query-set.ts';
import type { ViewedImage } from '../../src/engine/generating/views.ts';
import { processorSeconds } from './processor-time.ts';
import { pixelsOf } from './questions.ts';
import { studyDenoiser, type StudyModels } from './study.ts';

export interface StudyFeatures {
  readonly train: Matrix32;
  readonly queries: Matrix32;
  /** r of DAS, of each training image. */
  readonly residuals: Float32Array;
  readonly trainSeconds: number;
}

export async function studyFeatures(
  models: StudyModels,
  parameters: Float32Array,
  queries: QuerySet,
  outputFunction: DenoiserQuantity['outputFunction'],
  timesteps: number,
  projection: Projection,
): Promise<StudyFeatures> {
  const steps = chooseSteps(studyDenoiser.schedule, timesteps, 'uniform');
  const view = (image: Float32Array, key: string): ViewedImage => ({
    key,
    classIndex: -1,
    views: Array.from(steps, (step) => ({ image, step })),
  });
  const { bytes, trainRows } = models.data;
  const learned = Array.from(trainRows, (row) => {
    const pixels = pixelsOf(bytes, row);
    return view(fromPixels(pixels), createHash('sha256').update(pixels).digest('hex'));
  });
  const asked = queries.images.map((image, place) => view(image, queries.keys[place]!));
  const computer = new DenoiserFeatures(
    models.executor,
    { denoiser: studyDenoiser, network: studyDenoiser.network, parameters },
    { outputFunction, projection, seed: 0 },
  );
  try {
    const columns = await computer.columns();
    const { result: ofTrain, seconds: trainSeconds } = await processorSeconds(() =>
      computer.compute(learned),
    );
    const ofQueries = await computer.compute(asked);
    return {
      train: makeMatrix(learned.length, columns, ofTrain.features),
      queries: makeMatrix(asked.length, columns, ofQueries.features),
      residuals: ofTrain.side['residuals']!,
      trainSeconds,
    };
  } finally {
    await computer.dispose();
  }
}
