/**
 * @file A model and its cross-validation trained on labels of which some were made wrong, and what they then say about every label. As
 * the product does it, apart from where the labels come from.
 */
import { rmSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { confidentJoint } from '../../core/curation/confident-joint.ts';
import type { LabelledProbabilities } from '../../core/curation/class-probabilities.ts';
import { dynamicsSignals, probabilitySignals, type LabelSignals } from '../../core/curation/label-signals.ts';
import { meanDynamics } from '../../core/curation/training-dynamics.ts';
import type { MatrixEngine } from '../../core/linalg/matrix-engine.ts';
import type { FreshWork, LearnedRows } from '../finding/fresh-training.ts';
import { earlyGradientNorms } from '../finding/gradient-norms.ts';
import { neighbourSignal } from '../finding/neighbour-signal.ts';
import { crossValidate } from '../training/cross-validate.ts';
import { trainClassifier } from '../training/train-classifier.ts';

export interface PlantedTask extends FreshWork {
  readonly matrixEngine: MatrixEngine;
  /** `onProgress` hears of all trainings together. */
  readonly learned: LearnedRows;
  readonly foldCount: number;
  /** Folder of what is done, so that a stopped task goes on; deleted by the caller. null: nothing is kept. */
  readonly path: string | null;
}

export interface PlantedTraining {
  /** Of the model on all rows. */
  readonly parameters: Float32Array;
  /** Out of sample, beside the labels of the rows. */
  readonly labelled: LabelledProbabilities & { readonly labels: Int32Array };
  /** Of each row: all but self-influence. */
  readonly signals: LabelSignals;
}

export async function trainOnPlanted(task: PlantedTask): Promise<PlantedTraining> {
  const { executor, matrixEngine, recipe, model, learned, foldCount, path, signal } = task;
  if (path !== null) mkdirSync(path, { recursive: true });
  const { network: classifier, origin, settings, epochs } = recipe;
  const { rows, labels } = learned;
  const { pixels, normalization } = model;
  const common = { classifier, origin, settings, pixels, normalization, labels, epochLimit: epochs, signal };
  const report = (training: number, epoch: number, fraction: number): void =>
    learned.onProgress?.((training + (epoch + fraction) / epochs) / (foldCount + 1));
  const validation = await crossValidate(executor, {
    ...common,
    rows,
    foldCount,
    path,
    onBatch: (fold, { epoch, fraction }) => report(fold, epoch, fraction),
  });
  const { parameters, observed } = await trainClassifier(executor, {
    ...common,
    trainRows: rows,
    validationRows: new Int32Array(0),
    stream: 'main',
    checkpointPath: path === null ? null : join(path, 'main.checkpoint'),
    onBatch: ({ epoch, fraction }) => report(foldCount, epoch, fraction),
  });
  const ownLabels = rows.map((row) => labels[row]!);
  const labelled = {
    labels: ownLabels,
    probabilities: validation.probabilities,
    classCount: classifier.outputCount,
  };
  const trained = { classifier, parameters, normalization, pixels };
  const trainings = [...validation.observed, { ...observed, places: Int32Array.from(rows.keys()) }];
  return {
    parameters,
    labelled,
    signals: {
      ...probabilitySignals(labelled, confidentJoint(labelled)),
      ...dynamicsSignals(meanDynamics(trainings, rows.length)),
      grand: await earlyGradientNorms(task, { rows, labels }),
      'neighbour-disagreement': await neighbourSignal(trained, rows, ownLabels, { executor, matrixEngine }),
    },
  };
}

/** What a finished task had kept. */
export function forgetPlanted(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
