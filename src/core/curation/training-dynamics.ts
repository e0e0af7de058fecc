/**
 * @file What the steps of a training saw of each image just before they learned from it, added up over the epochs: margins (AUM; Pleiss,
 * Zhang, Elenberg, Weinberger, "Identifying mislabeled data using the area under the margin ranking", NeurIPS 2020), lengths of the
 * error vector early on (EL2N; Paul, Ganguli, Dziugaite, NeurIPS 2021), forgetting events (Toneva et al., ICLR 2019), losses.
 * A few numbers per image, whatever the number of epochs.
 */
import { assert } from '../base/assert.ts';

/** Numbers kept per image: sum of margins, of losses, of early error lengths, times forgotten, whether right last time, whether ever. */
const MARGINS = 0;
const LOSSES = 1;
const ERROR_LENGTHS = 2;
const FORGOTTEN = 3;
const WAS_RIGHT = 4;
const EVER_RIGHT = 5;
const WIDTH = 6;

/** Sums of one training, [images, 6] row by row; all zero before the first epoch. Part of a training's checkpoint. */
export function emptyDynamics(imageCount: number): Float32Array {
  return new Float32Array(imageCount * WIDTH);
}

/** What one step saw of an image, and when. */
export interface Observation {
  /** Of all classes, under the augmentation and dropout of the step, before its update. */
  readonly logits: Float32Array;
  readonly label: number;
  readonly loss: number;
  readonly epoch: number;
  readonly epochCount: number;
}

/** Adds one observation to the sums of the image at this place. An image is right where no other class has as large a logit. */
export function observe(sums: Float32Array, place: number, observation: Observation): void {
  const { logits, label, loss, epoch, epochCount } = observation;
  const at = place * WIDTH;
  const margin = marginOf(logits, label);
  const isRight = margin > 0 ? 1 : 0;
  sums[at + MARGINS]! += margin;
  sums[at + LOSSES]! += loss;
  const [from, to] = earlyEpochs(epochCount);
  if (epoch >= from && epoch < to) sums[at + ERROR_LENGTHS]! += errorLength(logits, label) / (to - from);
  if (sums[at + WAS_RIGHT]! > isRight) sums[at + FORGOTTEN]!++;
  sums[at + WAS_RIGHT] = isRight;
  sums[at + EVER_RIGHT] = Math.max(sums[at + EVER_RIGHT]!, isRight);
}

/** z_y − max over c ≠ y of z_c. */
function marginOf(logits: Float32Array, label: number): number {
  let rival = -Infinity;
  for (let other = 0; other < logits.length; other++)
    if (other !== label && logits[other]! > rival) rival = logits[other]!;
  return logits[label]! - rival;
}

/** ‖softmax − onehot‖₂ */
function errorLength(logits: Float32Array, label: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = logits.map((logit) => Math.exp(logit - largest));
  const total = exponentials.reduce((a, b) => a + b, 0);
  let squares = 0;
  for (let other = 0; other < logits.length; other++)
    squares += (exponentials[other]! / total - (other === label ? 1 : 0)) ** 2;
  return Math.sqrt(squares);
}

/** The first quarter of the epochs without the very first, in which an untrained network guesses: [from, to). */
function earlyEpochs(epochCount: number): [number, number] {
  return epochCount === 1 ? [0, 1] : [1, Math.max(2, Math.ceil(epochCount / 4))];
}

/** One training's sums, and which images they are of. */
export interface ObservedTraining {
  readonly sums: Float32Array;
  /** Of the training: the place of each of its images among those that are asked about. */
  readonly places: ArrayLike<number>;
  /** Epochs that are done. */
  readonly epochCount: number;
}

/** Per image; NaN where it was in no training. All but the margins are high where the label is suspicious. */
export interface TrainingDynamics {
  /** AUM: mean margin over epochs. Low is suspicious. */
  readonly margins: Float32Array;
  readonly losses: Float32Array;
  /** EL2N. */
  readonly errorLengths: Float32Array;
  /**
   * Times that a right answer became wrong. A training that never had the image right counts as many as it had epochs, more than any
   * other can; an image that no training ever had right has Infinity.
   */
  readonly forgettings: Float32Array;
}

/** Means over the trainings that an image took part in: an average over initialisations that the folds give for nothing. */
export function meanDynamics(trainings: readonly ObservedTraining[], imageCount: number): TrainingDynamics {
  const totals = new Float64Array(imageCount * 4);
  const counts = new Int32Array(imageCount);
  const learned = new Uint8Array(imageCount);
  for (const { sums, places, epochCount } of trainings) {
    assert(sums.length === places.length * WIDTH, 'the sums belong to these images');
    for (let index = 0; index < places.length; index++) {
      const place = places[index]!;
      const row = sums.subarray(index * WIDTH, (index + 1) * WIDTH);
      counts[place]!++;
      if (row[EVER_RIGHT] === 1) learned[place] = 1;
      totals[place * 4]! += row[MARGINS]! / epochCount;
      totals[place * 4 + 1]! += row[LOSSES]! / epochCount;
      totals[place * 4 + 2]! += row[ERROR_LENGTHS]!;
      totals[place * 4 + 3]! += row[EVER_RIGHT] === 1 ? row[FORGOTTEN]! : epochCount;
    }
  }
  const column = (at: number): Float32Array =>
    Float32Array.from(counts, (count, place) => totals[place * 4 + at]! / count);
  return {
    margins: column(0),
    losses: column(1),
    errorLengths: column(2),
    forgettings: column(3).map((value, place) =>
      counts[place]! > 0 && learned[place] === 0 ? Infinity : value,
    ),
  };
}
