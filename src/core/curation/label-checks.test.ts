import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { areaUnderRoc, precisionAt } from '../evaluation/detection.ts';
import { makeMatrix } from '../linalg/matrix.ts';
import { plainMatrixEngine } from '../linalg/matrix-engine.ts';
import {
  entropies,
  normalizedMargin,
  selfConfidence,
  suggestedLabels,
  type LabelledProbabilities,
} from './class-probabilities.ts';
import { confidentJoint, estimateNoise, flagByNoiseRate } from './confident-joint.ts';
import { neighbourDisagreement } from './neighbour-disagreement.ts';
import { combineEvidence } from './combine-evidence.ts';
import { probabilitySignals } from './label-signals.ts';
import { noiseMatrix } from './noise-matrix.ts';
import { rankLabels } from './rank-labels.ts';

const blobCount = 400;

/** Two well separated clouds in the plane; `flips` of the labels are wrong. Probabilities are of the true mixture. */
function twoBlobs(
  flips: number,
): LabelledProbabilities & { points: Float64Array; flipped: Uint8Array; labels: Int32Array } {
  const random = new Random(31, 'blobs');
  const points = new Float64Array(blobCount * 2);
  const labels = new Int32Array(blobCount);
  const probabilities = new Float64Array(blobCount * 2);
  const flipped = new Uint8Array(blobCount);
  for (const sample of random.permutation(blobCount).subarray(0, flips)) flipped[sample] = 1;
  for (let sample = 0; sample < blobCount; sample++) {
    const truth = sample % 2;
    const centre = truth === 0 ? -2 : 2;
    points[sample * 2] = centre + random.normal();
    points[sample * 2 + 1] = centre + random.normal();
    labels[sample] = flipped[sample] === 1 ? 1 - truth : truth;
    // Log odds of two unit normals at ±(2, 2): 4·(x + y).
    const one = 1 / (1 + Math.exp(-4 * (points[sample * 2]! + points[sample * 2 + 1]!)));
    probabilities.set([1 - one, one], sample * 2);
  }
  return { points, labels, probabilities, classCount: 2, flipped };
}

/** Class names permuted: class c becomes order[c]. */
function renamed(input: LabelledProbabilities, order: readonly number[]): LabelledProbabilities {
  const { classCount } = input;
  const probabilities = new Float64Array(input.probabilities.length);
  for (let at = 0; at < probabilities.length; at++) {
    const row = Math.floor(at / classCount);
    probabilities[row * classCount + order[at % classCount]!] = input.probabilities[at]!;
  }
  return { classCount, probabilities, labels: Array.from(input.labels, (label) => order[label]!) };
}

/** Noisy probabilities over five classes, with some labels wrong. */
function fiveClasses(): LabelledProbabilities {
  const random = new Random(8, 'five classes');
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (let sample = 0; sample < 300; sample++) {
    const truth = random.integer(5);
    labels.push(random.uniform() < 0.15 ? random.integer(5) : truth);
    const logits = Array.from({ length: 5 }, (_, label) =>
      Math.exp((label === truth ? 3 : 0) + random.normal()),
    );
    const sum = logits.reduce((total, value) => total + value, 0);
    probabilities.push(...logits.map((value) => value / sum));
  }
  return { labels, probabilities, classCount: 5 };
}

describe('entropies', () => {
  it('are 0 where a prediction is certain and ln of the classes where it is even, whatever the label', () => {
    const probabilities = [0, 1, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.5, 0, 0, 0.5];
    const found = entropies({ labels: [0, 2, 1], probabilities, classCount: 4 });
    [0, Math.log(4), Math.log(2)].forEach((expected, sample) =>
      expect(found[sample]).toBeCloseTo(expected, 12),
    );
  });
});

describe('two blobs with 10 % flipped labels', () => {
  const blobs = twoBlobs(40);
  const signals = probabilitySignals(blobs, confidentJoint(blobs));

  it('self-confidence, normalised margin and confident learning find them (AUC > 0.95)', () => {
    for (const values of Object.values(signals))
      expect(areaUnderRoc(values, blobs.flipped)).toBeGreaterThan(0.95);
  });

  it('neighbour disagreement finds them (AUC > 0.95)', async () => {
    const points = makeMatrix(blobCount, 2, blobs.points);
    const disagreement = await neighbourDisagreement(points, blobs.labels, 10, plainMatrixEngine);
    expect(areaUnderRoc(disagreement, blobs.flipped)).toBeGreaterThan(0.95);
  });

  it('their combination finds them (AUC > 0.95), the worst first, and tells how many there are', () => {
    const { scores, order } = rankLabels(signals, 'combined');
    expect(areaUnderRoc(scores, blobs.flipped)).toBeGreaterThan(0.95);
    expect(precisionAt(scores, blobs.flipped)).toBeGreaterThan(0.95);
    expect(scores[order[0]!]).toBe(Math.max(...scores));
    expect(blobs.flipped[order[0]!]).toBe(1);
    expect(Math.abs(combineEvidence(signals).share - 0.1)).toBeLessThan(0.02);
  });

  it('the noise matrix tells where they belong, and its rows sum to the labels', () => {
    const matrix = noiseMatrix(blobs, combineEvidence(signals).probabilities);
    const given = [0, 1].map((label) => blobs.labels.filter((own) => own === label).length);
    expect([matrix[0]! + matrix[1]!, matrix[2]! + matrix[3]!]).toEqual(given);
    for (const [cell, label] of [
      [1, 0],
      [2, 1],
    ] as const) {
      const planted = blobs.labels.filter((own, sample) => own === label && blobs.flipped[sample] === 1);
      expect(Math.abs(matrix[cell]! - planted.length)).toBeLessThanOrEqual(4);
    }
  });

  it('confident learning flags them and estimates their share', () => {
    const joint = confidentJoint(blobs);
    const flagged = flagByNoiseRate(blobs, joint);
    const right = flagged.reduce(
      (sum, flag, index) => sum + (flag === 1 && blobs.flipped[index] === 1 ? 1 : 0),
      0,
    );
    expect(right).toBeGreaterThan(36);
    expect(Math.abs(estimateNoise(joint).share - 0.1)).toBeLessThan(0.02);
  });

  it('the other class is suggested for every flipped sample', () => {
    const suggested = suggestedLabels(blobs);
    blobs.labels.forEach((label, sample) => expect(suggested[sample]).toBe(1 - label));
  });
});

describe('two blobs with all labels right', () => {
  it('confident learning flags nothing', () => {
    const blobs = twoBlobs(0);
    const joint = confidentJoint(blobs);
    expect(flagByNoiseRate(blobs, joint).reduce((sum, flag) => sum + flag, 0)).toBe(0);
    expect(estimateNoise(joint).share).toBe(0);
    expect(combineEvidence(probabilitySignals(blobs, joint)).share).toBeLessThan(0.005);
  });
});

describe('class names carry no meaning', () => {
  it('renaming the classes changes no score and no flag, and renames the suggestions', () => {
    const input = fiveClasses();
    const order = [3, 0, 4, 1, 2];
    const other = renamed(input, order);
    expect(normalizedMargin(other)).toEqual(normalizedMargin(input));
    expect(selfConfidence(other)).toEqual(selfConfidence(input));
    expect(flagByNoiseRate(other, confidentJoint(other))).toEqual(
      flagByNoiseRate(input, confidentJoint(input)),
    );
    expect([...suggestedLabels(other)]).toEqual([...suggestedLabels(input)].map((label) => order[label]));
    expect(estimateNoise(confidentJoint(other)).share).toBeCloseTo(
      estimateNoise(confidentJoint(input)).share,
      12,
    );
    const combined = (from: LabelledProbabilities): Float64Array =>
      combineEvidence(probabilitySignals(from, confidentJoint(from))).probabilities;
    expect(combined(other)).toEqual(combined(input));
  });
});

describe('the confident joint', () => {
  // Hand-worked: thresholds are means of P[label] per class: class 0 (0.9 + 0.8 + 0.1)/3 = 0.6, class 1 (0.7 + 0.9)/2 = 0.8.
  const input: LabelledProbabilities = {
    classCount: 2,
    labels: [0, 0, 0, 1, 1],
    probabilities: [0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.3, 0.7, 0.1, 0.9],
  };

  it('counts samples that reach a threshold, and leaves the others out', () => {
    const joint = confidentJoint(input);
    expect(joint.thresholds[0]).toBeCloseTo(0.6, 12);
    expect(joint.thresholds[1]).toBeCloseTo(0.8, 12);
    // The fourth sample (0.3, 0.7) reaches neither.
    expect([...joint.counts]).toEqual([2, 1, 0, 1]);
  });

  it('is calibrated to the label counts, in whole numbers', () => {
    expect([...confidentJoint(input).calibrated]).toEqual([2, 1, 0, 2]);
  });

  it('gives the noise share and the noise matrix', () => {
    const { share, trueGivenLabel } = estimateNoise(confidentJoint(input));
    expect(share).toBeCloseTo(0.2, 12);
    expect([...trueGivenLabel].map((value) => Math.round(value * 1000))).toEqual([667, 333, 0, 1000]);
  });

  it('flags the calibrated number with the largest margin', () => {
    expect([...flagByNoiseRate(input, confidentJoint(input))]).toEqual([0, 0, 1, 0, 0]);
  });

  it('a probability 1e-7 below its threshold still counts, 1e-5 below does not', () => {
    const nearly = (gap: number): number => {
      const labels = [0, 0, 1];
      const probabilities = [0.7, 0.3, 0.7 - 2 * gap, 0.3 + 2 * gap, 0.2, 0.8];
      return confidentJoint({ labels, probabilities, classCount: 2 }).counts[0]!;
    };
    expect(nearly(1e-7)).toBe(2);
    expect(nearly(1e-5)).toBe(1);
  });

  it('a class that no sample was given takes part in nothing', () => {
    const joint = confidentJoint({
      labels: [0, 1],
      probabilities: [0.8, 0.1, 0.1, 0.1, 0.8, 0.1],
      classCount: 3,
    });
    expect([...joint.calibrated]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect(estimateNoise(joint).trueGivenLabel[8]).toBe(1);
  });

  it('more samples wanted than a class has does not happen: rows sum to the label counts', () => {
    const messy = fiveClasses();
    const { calibrated } = confidentJoint(messy);
    for (let label = 0; label < 5; label++) {
      const sum = calibrated.slice(label * 5, label * 5 + 5).reduce((total, count) => total + count, 0);
      expect(sum).toBe(Array.from(messy.labels).filter((given) => given === label).length);
    }
  });
});
