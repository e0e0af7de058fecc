/** @file Whether a brought model's answers look right, and what is the likely mistake where they do not. */
import { indexOfLargest } from '../training/predict.ts';

export interface Answers {
  /** [rows, classes] */
  readonly probabilities: Float32Array;
  /** Class index per row; −1: no label, or of no class of the model. */
  readonly labels: Int32Array;
  readonly classCount: number;
}

/** Fewer labelled images tell nothing. */
const LEAST_IMAGES = 20;
/** As many standard deviations above guessing still count as guessing. */
const TOLERANCE = 3;

/** For a person; null: nothing looks wrong. */
export function firstImpression({ probabilities, labels, classCount }: Answers): string | null {
  const answers = Array.from(labels, (label, row) => ({
    label,
    guess: indexOfLargest(probabilities.subarray(row * classCount, (row + 1) * classCount)),
  })).filter(({ label }) => label >= 0);
  if (answers.length < LEAST_IMAGES) return null;
  const accuracy = answers.filter(({ label, guess }) => label === guess).length / answers.length;
  const chance = 1 / classCount;
  const spread = Math.sqrt((chance * (1 - chance)) / answers.length);
  const consistent = consistency(answers, classCount);
  if (consistent > 0.5 && consistent > 2 * accuracy + chance)
    return `Right for ${percent(accuracy)} of the labelled images, but its answers follow the labels in another order: with the classes renamed it would be right for ${percent(consistent)}. Check the order of the classes.`;
  if (accuracy > chance + TOLERANCE * spread) return null;
  return `Right for ${percent(accuracy)} of the labelled images, no more than guessing would be (${percent(chance)}). Check the pixel values, the order of the colour channels and the order of the classes.`;
}

/** Share of right answers if every answer stood for the label that it meets most often, each label for one answer only. */
function consistency(answers: readonly { label: number; guess: number }[], classCount: number): number {
  const counts = new Int32Array(classCount * classCount);
  for (const { label, guess } of answers) counts[guess * classCount + label]!++;
  const cells = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]!);
  const [guesses, labels] = [new Set<number>(), new Set<number>()];
  let right = 0;
  for (const cell of cells) {
    const [guess, label] = [Math.floor(cell / classCount), cell % classCount];
    if (counts[cell] === 0) break;
    if (guesses.has(guess) || labels.has(label)) continue;
    guesses.add(guess);
    labels.add(label);
    right += counts[cell]!;
  }
  return right / answers.length;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
