/**
 * @file Where the area under the margin becomes suspicious (Pleiss et al., NeurIPS 2020, section 3.2): some samples are given a label that is
 * wrong for sure, a class that does not exist, and what a training makes of them tells what it makes of wrong labels.
 */
import { Random } from '../base/random.ts';

/** Of the margins of samples that are wrong for sure, the one below which this share of them lies is the threshold. */
const CUT = 0.99;

/** Two disjoint draws of n/(C + 1) samples, as large as a class: each sample keeps its label in one training at least. */
export function drawThresholdSamples(
  sampleCount: number,
  classCount: number,
  seed: number,
): readonly [Int32Array, Int32Array] {
  const size = Math.max(1, Math.floor(sampleCount / (classCount + 1)));
  const drawn = new Random(seed, 'aum-threshold').permutation(sampleCount);
  return [drawn.slice(0, size), drawn.slice(size, 2 * size)];
}

/** One training with an extra class. */
export interface ThresholdTraining {
  /** Mean margin of each sample under the label that it had in this training. */
  readonly margins: Float32Array;
  /** Those that had the extra class. */
  readonly drawn: Int32Array;
}

export interface MarginThresholds {
  /** 1: on the mean over the trainings in which it kept its label, its margin is below the threshold. */
  readonly flags: Uint8Array;
  /** One per training. */
  readonly thresholds: readonly number[];
}

export function flagByMargin(trainings: readonly ThresholdTraining[], sampleCount: number): MarginThresholds {
  const excess = new Float64Array(sampleCount);
  const thresholds = trainings.map(({ margins, drawn }) => {
    const threshold = quantile(
      Float64Array.from(drawn, (sample) => margins[sample]!),
      CUT,
    );
    const isDrawn = new Set(drawn);
    for (let sample = 0; sample < sampleCount; sample++)
      if (!isDrawn.has(sample)) excess[sample]! += margins[sample]! - threshold;
    return threshold;
  });
  // A sum has the sign of the mean.
  return { flags: Uint8Array.from(excess, (sum) => (sum < 0 ? 1 : 0)), thresholds };
}

/** The smallest value that at least this share of the values does not exceed. */
function quantile(values: Float64Array, share: number): number {
  const sorted = values.sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
