/**
 * @file What is measured of a model that was trained again on some of the images: kept in the project's cache under the hash of everything it
 * depends on, so that an interrupted evaluation goes on where it was, and different methods are measured against the same trainings.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { keptNumbers } from '../../artifacts/kept-numbers.ts';
import type { GenerativeWork } from './generative-work.ts';

export interface MeasuredRetraining {
  /** Of `model.learned`, rising: what is learned. */
  readonly places: Int32Array;
  /** Other seeds of order and noise; 0: the model's own. */
  readonly repeat: number;
  /** As JSON: what the measurement depends on besides the trained model. */
  readonly measurement: unknown;
  /** How many numbers it has. */
  readonly length: number;
  readonly measure: (average: Float32Array) => Promise<Float64Array>;
  /** 0 … 1 of this training. */
  readonly onProgress: (fraction: number) => void;
}

export function measureRetraining(
  { model, retrainer, path }: Pick<GenerativeWork, 'model' | 'retrainer' | 'path'>,
  { places, repeat, measurement, length, measure, onProgress }: MeasuredRetraining,
): Promise<Float64Array> {
  const rows = Int32Array.from(places, (place) => model.learned[place]!.row);
  const training = retrainer.plan(rows, repeat);
  const hash = createHash('sha256').update(training.hash).update(JSON.stringify(measurement)).digest('hex');
  return keptNumbers(join(path, `${hash}.f64`), length, async () =>
    measure(await training.train(join(path, `${training.hash}.checkpoint`), onProgress)),
  );
}
