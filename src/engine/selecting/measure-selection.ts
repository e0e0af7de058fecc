/** @file What a subset does, measured: the model's own recipe on its images alone, beside random subsets of the same size and balance. */
import { AppError } from '../../core/base/app-error.ts';
import { deviation, mean } from '../../core/linalg/ranks.ts';
import type { MeasuredAccuracy, Subset } from '../../contract/subsets-service.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { openRetraining, retrainAndPredict, type RetrainWork } from '../evaluating/retrain.ts';
import { evaluate, predictRows } from '../training/predict.ts';
import { drawControl } from './choose.ts';
import { targetsOf } from './influence-scores.ts';
import type { SelectionWork } from './selection-work.ts';

type Measured = NonNullable<Subset['measured']>;

/** What accuracies are of: nothing that a model of the measurement learned. */
export interface Yardstick {
  readonly on: Measured['on'];
  readonly images: readonly LabelledRow[];
}

/** The test split; where there is none, what the model was validated on. */
export function findYardstick({ model }: Pick<SelectionWork, 'model'>): Yardstick {
  const test = targetsOf(model, 'test');
  if (test.length > 0) return { on: 'test', images: test };
  const heldOut = targetsOf(model, 'held-out');
  if (heldOut.length > 0) return { on: 'held-out', images: heldOut };
  throw new AppError('labels-missing', {
    reason: 'no labelled image of the test or val split is left to measure accuracy on',
  });
}

/** Measures for as long as `use` works. `total`: trainings that will be asked for, to tell progress by. */
export async function withSelectionMeter<Result>(
  work: SelectionWork,
  total: number,
  use: (meter: SelectionMeter) => Promise<Result>,
): Promise<Result> {
  const meter = new SelectionMeter(work, total);
  try {
    return await use(meter);
  } finally {
    await meter.dispose();
  }
}

/** Trains as often as it is asked; each training is kept, so that a stopped measurement goes on where it was. */
export class SelectionMeter {
  readonly yardstick: Yardstick;
  readonly #work: SelectionWork;
  readonly #retraining: RetrainWork;
  readonly #total: number;
  #done = 0;

  constructor(work: SelectionWork, total: number) {
    this.#work = work;
    this.#total = total;
    this.yardstick = findYardstick(work);
    this.#retraining = openRetraining(work.folder, work.model, work.tools, work.context.signal);
  }

  /** Over `repeats` trainings with other seeds. `placesOf(r)`: the candidates of the r-th. */
  async accuracy(
    name: string,
    placesOf: (repeat: number) => Uint32Array,
    repeats: number,
  ): Promise<MeasuredAccuracy> {
    const found: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++)
      found.push(await this.#train(name, placesOf(repeat), repeat));
    return { mean: mean(found), deviation: deviation(found), repeats };
  }

  /** Random subsets, each another one, each trained once. */
  controls(repeats: number): Promise<MeasuredAccuracy> {
    return this.accuracy('random subset', (repeat) => drawControl(this.#work, repeat), repeats);
  }

  /** Of the model itself, which learned all candidates. */
  async everything(): Promise<MeasuredAccuracy> {
    const { model, tools, context } = this.#work;
    const rows = this.#measuredRows();
    const { logits } = await predictRows(tools.executor, { ...model, rows, signal: context.signal });
    return { mean: this.#accuracyOf(logits), deviation: 0, repeats: 1 };
  }

  /** Closes the sessions that its trainings share. */
  dispose(): Promise<void> {
    return this.#retraining.sessions.dispose();
  }

  async #train(name: string, places: Uint32Array, repeat: number): Promise<number> {
    const { candidates, context } = this.#work;
    // In the order of the model's own training, so that equal subsets are one training however they were chosen.
    const rows = Int32Array.from(places.toSorted(), (place) => candidates.images[place]!.row);
    const report = (fraction: number): void =>
      context.progress(`Training on the ${name}, seed ${repeat + 1}`, (this.#done + fraction) / this.#total, {
        trainings: this.#done,
      });
    report(0);
    const retraining = { rows, stream: `selection ${repeat}`, onProgress: report };
    const logits = await retrainAndPredict(this.#retraining, retraining, this.#measuredRows());
    this.#done++;
    return this.#accuracyOf(logits);
  }

  #measuredRows(): Int32Array {
    return Int32Array.from(this.yardstick.images, ({ row }) => row);
  }

  #accuracyOf(logits: Float32Array): number {
    const labels = this.yardstick.images.map(({ classIndex }) => classIndex);
    return evaluate(logits, labels, this.#work.model.classifier.outputCount).accuracy;
  }
}
