/** @file The images under examination: labelled training images, each with a prediction of a model that did not learn it. */
import { createHash } from 'node:crypto';
import { AppError } from '../../core/base/app-error.ts';
import type { LabelledProbabilities } from '../../core/curation/class-probabilities.ts';
import type { ClassId, ModelId, SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from '../storage/connection.ts';
import { listPresentSamples } from '../storage/labelled-samples.ts';
import { MAIN_FOLD, readModel } from '../storage/models.ts';
import { listOutOfSamplePredictions } from '../storage/predictions.ts';

export interface ExaminedImages {
  readonly ids: readonly SampleId[];
  /** Rows of the pixel source: places among the images that are there, by id. */
  readonly rows: Int32Array;
  /** 1: the label is another now than the model was trained with. */
  readonly relabelled: Uint8Array;
  /** Output index → class. */
  readonly classIds: readonly ClassId[];
  /** The current labels as class indices, beside the out-of-sample probabilities. */
  readonly labelled: LabelledProbabilities & { readonly labels: Int32Array };
  readonly dataHash: string;
}

export function examineImages(connection: Connection, modelId: ModelId): ExaminedImages {
  const { classIds } = readModel(connection, modelId);
  const indexOfClass = new Map(classIds.map((classId, index) => [classId, index]));
  const samples = new Map(
    listPresentSamples(connection).map((sample, row) => [sample.id, { ...sample, row }]),
  );
  const found = listOutOfSamplePredictions(connection, modelId);
  // Without cross-validation only the few held-out images would be left.
  if (!found.some((prediction) => prediction.fold !== MAIN_FOLD))
    throw new AppError('run-needs-predictions', { modelId });
  const images = found.flatMap(({ sampleId, probabilities, labelSeen }) => {
    const sample = samples.get(sampleId);
    if (sample?.split !== 'train' || sample.label === null) return [];
    const label = indexOfClass.get(sample.label);
    const relabelled = labelSeen !== sample.label;
    return label === undefined ? [] : [{ sampleId, label, probabilities, relabelled, row: sample.row }];
  });
  const probabilities = new Float32Array(images.length * classIds.length);
  for (const [place, image] of images.entries())
    probabilities.set(image.probabilities, place * classIds.length);
  const labels = Int32Array.from(images, (image) => image.label);
  const ids = images.map((image) => image.sampleId);
  const hash = createHash('sha256').update(`${modelId} ${ids.join()}`).update(labels).update(probabilities);
  return {
    ids,
    rows: Int32Array.from(images, (image) => image.row),
    relabelled: Uint8Array.from(images, (image) => (image.relabelled ? 1 : 0)),
    classIds,
    labelled: { labels, probabilities, classCount: classIds.length },
    dataHash: hash.digest('hex'),
  };
}
