/** @file Trainings by a model's recipe that label checks learn from, and of which nothing is kept. */
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor } from '../../core/execution/executor.ts';
import type { LoadedModel } from '../attributing/loaded-model.ts';
import type { Recipe } from '../evaluating/recipe.ts';
import { trainClassifier, type TrainedClassifier } from '../training/train-classifier.ts';

/** What all of them have in common. */
export interface FreshWork {
  readonly executor: Executor;
  readonly recipe: Pick<Recipe, 'network' | 'origin' | 'settings' | 'epochs'>;
  readonly model: Pick<LoadedModel, 'pixels' | 'normalization'>;
  readonly signal?: CancelSignal | undefined;
}

/** Images that are learned, and under which labels. */
export interface LearnedRows {
  /** Rows of the model's pixel source. */
  readonly rows: Int32Array;
  /** Class index per row of the pixel source. */
  readonly labels: Int32Array;
  readonly onProgress?: (fraction: number) => void;
}

/** `stream` names the random streams of first parameters, order and dropout. */
export function trainFresh(
  { executor, recipe, model, signal }: FreshWork,
  { rows, labels, onProgress }: LearnedRows,
  stream: string,
): Promise<TrainedClassifier> {
  const { network, origin, settings, epochs } = recipe;
  return trainClassifier(executor, {
    classifier: network,
    origin,
    settings,
    pixels: model.pixels,
    normalization: model.normalization,
    labels,
    trainRows: rows,
    validationRows: new Int32Array(0),
    stream,
    epochLimit: epochs,
    checkpointPath: null,
    signal,
    onBatch: ({ epoch, fraction }) => onProgress?.((epoch + fraction) / epochs),
  });
}
