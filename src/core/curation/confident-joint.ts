/**
 * @file Confident learning (Northcutt, Jiang, Chuang, JAIR 2021): from out-of-sample probabilities to an estimate of
 * how many samples of given label g truly belong to class c, and which ones they are.
 */
import {
  checkProbabilities,
  mostProbable,
  probabilityOf,
  type LabelledProbabilities,
} from './class-probabilities.ts';
import { apportion } from '../linalg/apportion.ts';

/** A probability this close below its class's threshold still counts as reaching it. */
const thresholdTolerance = 1e-6;

export interface ConfidentJoint {
  /** t_c: mean P[i, c] over the samples given label c; Infinity for a class that nobody was given. */
  readonly thresholds: Float64Array;
  /** Raw counts (given g, confident class c), [classes, classes] row by row, diagonal at least 1. */
  readonly counts: Float64Array;
  /** The counts scaled so that each row sums to the samples given that label, in whole numbers. */
  readonly calibrated: Float64Array;
}

export interface NoiseEstimate {
  /** Estimated share of samples whose given label is wrong. */
  readonly share: number;
  /** P(true class c | given label g), [classes, classes] row by row; a class that nobody was given has its unit row. */
  readonly trueGivenLabel: Float64Array;
}

export function confidentJoint(input: LabelledProbabilities): ConfidentJoint {
  checkProbabilities(input);
  const { classCount } = input;
  const thresholds = classThresholds(input);
  const counts = new Float64Array(classCount * classCount);
  for (let sample = 0; sample < input.labels.length; sample++) {
    const confident = confidentClass(input, thresholds, sample);
    if (confident >= 0) counts[input.labels[sample]! * classCount + confident]!++;
  }
  for (let label = 0; label < classCount; label++) {
    counts[label * classCount + label] = Math.max(1, counts[label * classCount + label]!);
  }
  return { thresholds, counts, calibrated: calibrate(counts, labelCounts(input), classCount) };
}

function labelCounts(input: LabelledProbabilities): Float64Array {
  const counts = new Float64Array(input.classCount);
  for (let sample = 0; sample < input.labels.length; sample++) counts[input.labels[sample]!]!++;
  return counts;
}

function classThresholds(input: LabelledProbabilities): Float64Array {
  const sums = new Float64Array(input.classCount);
  for (let sample = 0; sample < input.labels.length; sample++) {
    const label = input.labels[sample]!;
    sums[label]! += probabilityOf(input, sample, label);
  }
  return labelCounts(input).map((count, label) => (count === 0 ? Infinity : sums[label]! / count));
}

/** The most probable of the classes whose threshold the sample reaches; −1 where it reaches none. */
function confidentClass(input: LabelledProbabilities, thresholds: Float64Array, sample: number): number {
  let best = -1;
  for (let label = 0; label < input.classCount; label++) {
    const probability = probabilityOf(input, sample, label);
    if (probability < thresholds[label]! - thresholdTolerance) continue;
    if (best < 0 || probability > probabilityOf(input, sample, best)) best = label;
  }
  return best;
}

/** Rows scaled to the label counts and rounded by largest remainders, so that the row totals are kept exactly. */
function calibrate(counts: Float64Array, totals: Float64Array, classCount: number): Float64Array {
  const calibrated = new Float64Array(counts.length);
  for (let label = 0; label < classCount; label++) {
    const row = counts.subarray(label * classCount, (label + 1) * classCount);
    const sum = row.reduce((total, count) => total + count, 0);
    const wanted = Array.from(row, (count) => (count / sum) * totals[label]!);
    calibrated.set(apportion(wanted, totals[label]!), label * classCount);
  }
  return calibrated;
}

export function estimateNoise(joint: ConfidentJoint): NoiseEstimate {
  const classCount = joint.thresholds.length;
  const trueGivenLabel = new Float64Array(joint.calibrated.length);
  let total = 0;
  let kept = 0;
  for (let label = 0; label < classCount; label++) {
    const row = joint.calibrated.subarray(label * classCount, (label + 1) * classCount);
    const sum = row.reduce((rowTotal, count) => rowTotal + count, 0);
    for (let other = 0; other < classCount; other++) {
      const unit = other === label ? 1 : 0;
      trueGivenLabel[label * classCount + other] = sum === 0 ? unit : row[other]! / sum;
    }
    total += sum;
    kept += row[label]!;
  }
  return { share: total === 0 ? 0 : 1 - kept / total, trueGivenLabel };
}

/**
 * Prune by noise rate: from each cell (given g, true c ≠ g) the calibrated number of samples with the largest margin
 * P[c] − P[g], ties at the cut included. A sample whose given label is still the most probable is never flagged.
 */
export function flagByNoiseRate(input: LabelledProbabilities, joint: ConfidentJoint): Uint8Array {
  const { classCount } = input;
  const flagged = new Uint8Array(input.labels.length);
  for (let given = 0; given < classCount; given++) {
    const samples: number[] = [];
    for (let sample = 0; sample < flagged.length; sample++)
      if (input.labels[sample] === given) samples.push(sample);
    for (let other = 0; other < classCount; other++) {
      const wanted = joint.calibrated[given * classCount + other]!;
      if (other !== given && wanted > 0)
        flagLargestMargins(input, samples, { given, other, wanted }, flagged);
    }
  }
  for (let sample = 0; sample < flagged.length; sample++) {
    if (mostProbable(input, sample) === input.labels[sample]) flagged[sample] = 0;
  }
  return flagged;
}

function flagLargestMargins(
  input: LabelledProbabilities,
  samples: readonly number[],
  cell: { readonly given: number; readonly other: number; readonly wanted: number },
  flagged: Uint8Array,
): void {
  const margins = Float64Array.from(
    samples,
    (sample) => probabilityOf(input, sample, cell.other) - probabilityOf(input, sample, cell.given),
  );
  const cut = margins.slice().sort()[margins.length - cell.wanted]!;
  for (const [index, sample] of samples.entries()) if (margins[index]! >= cut) flagged[sample] = 1;
}
