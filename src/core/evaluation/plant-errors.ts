/** @file Wrong labels put where they are known, to see who finds them (METHODS §1.7). */
import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';

export interface PlantingOptions {
  readonly classCount: number;
  /** Share of the labels that become wrong. */
  readonly share: number;
  readonly seed: number;
  /**
   * [classes, classes] row by row: weights of the classes that an error of each class becomes; the diagonal is not read. null, or a row
   * without weights: every other class alike.
   */
  readonly confusion: Float64Array | null;
}

export interface PlantedErrors {
  readonly labels: Int32Array;
  /** 1 where the label was changed. */
  readonly planted: Uint8Array;
}

/** Exactly this share of the labels, rounded, becomes another class. */
export function plantErrors(labels: ArrayLike<number>, options: PlantingOptions): PlantedErrors {
  const { classCount, share, seed } = options;
  assert(classCount >= 2, 'a label needs another class to become');
  const random = new Random(seed, 'planted errors');
  const planted = new Uint8Array(labels.length);
  const wrong = Int32Array.from(labels);
  for (const sample of random.permutation(labels.length).subarray(0, Math.round(share * labels.length))) {
    wrong[sample] = drawOther(labels[sample]!, options, random);
    planted[sample] = 1;
  }
  return { labels: wrong, planted };
}

function drawOther(label: number, { classCount, confusion }: PlantingOptions, random: Random): number {
  const row = Array.from({ length: classCount }, (_, other) =>
    other === label ? 0 : (confusion?.[label * classCount + other] ?? 1),
  );
  const total = row.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return drawOther(label, { classCount, share: 0, seed: 0, confusion: null }, random);
  let left = random.uniform() * total;
  for (const [other, weight] of row.entries()) {
    left -= weight;
    if (weight > 0 && left < 0) return other;
  }
  return row.findLastIndex((weight) => weight > 0);
}

/** [classes, classes]: how much probability samples of each class give to each class, summed. */
export function confusionOf(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classCount: number,
): Float64Array {
  const confusion = new Float64Array(classCount * classCount);
  for (let sample = 0; sample < labels.length; sample++)
    for (let other = 0; other < classCount; other++)
      confusion[labels[sample]! * classCount + other]! += probabilities[sample * classCount + other]!;
  return confusion;
}
