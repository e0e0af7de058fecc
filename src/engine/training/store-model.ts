/** @file A model that is done: its weights on disk, then its row, its figures and what it says about every image, all at once. */
import { join } from 'node:path';
import type { TrainingDynamics } from '../../core/curation/training-dynamics.ts';
import type { Network } from '../../core/nn/network.ts';
import type { ModelId, RunId } from '../../contract/vocabulary.ts';
import type { NetworkDescription } from '../modelling/network-description.ts';
import { transact } from '../storage/connection.ts';
import { insertModel, MAIN_FOLD, type Normalization, type StoredModel } from '../storage/models.ts';
import { insertPredictions, type StoredPrediction } from '../storage/predictions.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { insertDynamics, type StoredDynamics } from '../storage/training-dynamics.ts';
import { writeModelArtifact } from './model-artifact.ts';
import { indexOfLargest } from './predict.ts';
import type { TrainingSet } from './training-set.ts';

/** Predictions of some rows by models that did not learn them. */
export interface OutOfSample {
  readonly rows: Int32Array;
  /** Of each of the rows. */
  readonly folds: Int32Array;
  /** [rows, classes] */
  readonly probabilities: Float32Array;
}

export interface FinishedModel {
  readonly naming: Pick<StoredModel, 'name' | 'origin' | 'architecture' | 'baseModelId' | 'hint'>;
  readonly description: NetworkDescription;
  readonly network: Network;
  readonly parameters: Float32Array;
  readonly normalization: Normalization;
  readonly set: Pick<TrainingSet, 'samples' | 'classIds' | 'labels' | 'testRows' | 'dataHash'>;
  readonly learnedRows: Int32Array;
  /** [samples, classes], of the model itself. */
  readonly probabilities: Float32Array;
  readonly outOfSample: OutOfSample | null;
  /** Of every sample; null where no training was watched. */
  readonly dynamics: TrainingDynamics | null;
}

export function storeModel(folder: ProjectFolder, runId: RunId, model: FinishedModel): ModelId {
  const { set, network, learnedRows, probabilities, outOfSample } = model;
  const classCount = network.outputCount;
  const artifact = `models/run-${runId}`;
  writeModelArtifact(join(folder.path, artifact), {
    network: model.description,
    parameters: model.parameters,
    learned: Array.from(learnedRows, (row) => ({
      sampleId: set.samples[row]!.id,
      classIndex: set.labels[row]!,
    })),
  });
  const accuracy = (rows: Int32Array): number | null =>
    accuracyOf(rows, set.labels, ofRows(rows, probabilities, classCount), classCount);
  const labelledRows = Int32Array.from(set.samples.keys()).filter((row) => set.labels[row]! >= 0);
  // What is excluded is no measure of the model: its label, or the picture itself, is not to be trusted.
  const countedRows = labelledRows.filter((row) => set.samples[row]!.excluded === 0);
  return transact(folder.connection, () => {
    const id = insertModel(folder.connection, {
      ...model.naming,
      runId,
      task: 'classify',
      denoiser: null,
      artifact,
      parameterCount: network.parameterCount,
      imageSize: network.inputShape[1],
      channels: network.inputShape[0],
      classIds: set.classIds,
      normalization: model.normalization,
      dataHash: set.dataHash,
      trainCount: learnedRows.length,
      testAccuracy: accuracy(set.testRows),
      outOfSampleAccuracy:
        outOfSample === null
          ? null
          : accuracyOf(outOfSample.rows, set.labels, outOfSample.probabilities, classCount),
      labelledAccuracy: accuracy(countedRows),
      excludedCount: labelledRows.length - countedRows.length,
    });
    insertPredictions(folder.connection, id, toPredictions(model));
    insertDynamics(folder.connection, id, toDynamics(model));
    return id;
  });
}

/** The model's own predictions, but for images it learned the out-of-sample ones where there are any. */
function* toPredictions(model: FinishedModel): Generator<StoredPrediction> {
  const { set, network, learnedRows, probabilities, outOfSample } = model;
  const classCount = network.outputCount;
  const slice = (values: Float32Array, place: number): Float32Array =>
    values.slice(place * classCount, (place + 1) * classCount);
  const learned = new Set(learnedRows);
  const placeOfRow = new Map(Array.from(outOfSample?.rows ?? [], (row, place) => [row, place]));
  for (const [row, sample] of set.samples.entries()) {
    const place = placeOfRow.get(row);
    const common = { sampleId: sample.id, labelSeen: sample.label };
    if (outOfSample !== null && place !== undefined)
      yield {
        ...common,
        outOfSample: true,
        fold: outOfSample.folds[place]!,
        probabilities: slice(outOfSample.probabilities, place),
      };
    else
      yield {
        ...common,
        outOfSample: !learned.has(row),
        fold: MAIN_FOLD,
        probabilities: slice(probabilities, row),
      };
  }
}

/** Of the images that some training learned from. */
function* toDynamics({ set, dynamics }: FinishedModel): Generator<StoredDynamics> {
  if (dynamics === null) return;
  for (const [row, { id }] of set.samples.entries())
    if (!Number.isNaN(dynamics.margins[row]))
      yield {
        sampleId: id,
        margin: dynamics.margins[row]!,
        loss: dynamics.losses[row]!,
        errorLength: dynamics.errorLengths[row]!,
        forgettings: dynamics.forgettings[row]!,
      };
}

/** Share of the rows whose label is the most probable class, with the probabilities in the rows' order; null: no rows. */
export function accuracyOf(
  rows: Int32Array,
  labels: Int32Array,
  probabilities: Float32Array,
  classCount: number,
): number | null {
  if (rows.length === 0) return null;
  const isRight = (row: number, place: number): boolean =>
    indexOfLargest(probabilities.subarray(place * classCount, (place + 1) * classCount)) === labels[row];
  return rows.filter(isRight).length / rows.length;
}

/** Those of the rows' probabilities, out of those of all rows. */
function ofRows(rows: Int32Array, probabilities: Float32Array, classCount: number): Float32Array {
  const some = new Float32Array(rows.length * classCount);
  for (const [place, row] of rows.entries())
    some.set(probabilities.subarray(row * classCount, (row + 1) * classCount), place * classCount);
  return some;
}
