/** @file A subset in words. */
import type { MeasuredAccuracy, Subset } from '../../../contract/subsets-service.ts';
import { strategyWords } from '../../../contract/strategy-words.ts';
import { formatCount, formatPercent, formatQuantity, formatSigned } from '../../format/numbers.ts';

const balanceWords = {
  none: 'shared out freely',
  class: 'shared out by class',
  group: 'shared out by folder',
} as const satisfies Record<Subset['choices']['balance'], string>;

/** '30 of 100 images (30%), by influence, high scores kept, shared out by class'. */
export function describeSubset({ sampleCount, candidateCount, strategy, keep, choices }: Subset): string {
  const share = formatPercent(sampleCount / candidateCount);
  const kept = strategy === 'random' ? [] : [keep === 'high' ? 'high scores kept' : 'low scores kept'];
  const { title } = strategyWords[strategy];
  return [
    `${formatCount(sampleCount)} of ${formatQuantity(candidateCount, 'training image')} (${share})`,
    `by ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    ...kept,
    balanceWords[choices.balance],
  ].join(', ');
}

/** '0.871 ± 0.004, random 0.852 ± 0.006, 3 seeds each'. */
export function measuredText({ subset, random }: NonNullable<Subset['measured']>): string {
  return `${figure(subset)}, random ${figure(random)}, ${formatQuantity(subset.repeats, 'seed')} each`;
}

/** What the figures let one say, and no more. */
export function verdictText({ subset, random, on }: NonNullable<Subset['measured']>): string {
  const where = on === 'test' ? 'on the test split' : 'on held-out images, for want of a test split';
  const gap = subset.mean - random.mean;
  const spread = Math.max(subset.deviation, random.deviation);
  if (subset.repeats < 2) return `One training each ${where}: the spread is not known.`;
  if (Math.abs(gap) <= spread) return `No different from random ${where}, as far as these seeds tell.`;
  return `${gap > 0 ? 'Better' : 'Worse'} than random ${where}, by more than the spread of the seeds.`;
}

/** What an influence strategy expects, as a plain number with its meaning; null where there is no such estimate. */
export function predictionText({ predicted }: Subset): string | null {
  if (predicted === null) return null;
  const { targets, kept, dropped } = predicted;
  return `Estimated, not measured: on average over ${formatQuantity(targets, 'target image')}, the chosen images move the margin of the right class by ${formatSigned(kept)}, those left out by ${formatSigned(dropped)}.`;
}

function figure({ mean, deviation, repeats }: MeasuredAccuracy): string {
  return repeats < 2 ? mean.toFixed(3) : `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;
}
