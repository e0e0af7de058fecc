/** @file Words for what a distilled datamodel foretells. */
import type { DatamodelAnswer, PerturbationEffect } from '../../../contract/datamodels-service.ts';
import type { Evaluation } from '../../../contract/evaluations-service.ts';
import { formatPercent, formatQuantity, formatSigned } from '../../format/numbers.ts';
import type { WhatIfSubject } from '../../state/datamodels.svelte.ts';

export function whatIfTitle({ kind, name }: WhatIfSubject): string {
  return kind === 'group' ? `What if ${name} were not there?` : `What if only ${name} were there?`;
}

/** 'Accuracy 82.4% instead of 84.1% (−1.70 points) on 500 images'. */
export function accuracyText(
  { controlAccuracy, queryCount }: DatamodelAnswer,
  { accuracyChange }: PerturbationEffect,
): string {
  const after = formatPercent(controlAccuracy + accuracyChange);
  const before = formatPercent(controlAccuracy);
  return `Accuracy ${after} instead of ${before} (${formatSigned(100 * accuracyChange)} points), on ${formatQuantity(queryCount, 'image')}`;
}

/** One sentence on how far such answers agree with training again, and what else agrees how far; null where nobody measured it. */
export function agreementText(judged: readonly Evaluation[]): string | null {
  const [own, ...others] = judged;
  if (own === undefined) return null;
  const ceiling = own.ceiling === null ? '' : `, of ${own.ceiling.toFixed(2)} reachable`;
  const rivals = others.map(({ title, score }) => `${title} ${score.toFixed(2)}`).join('; ');
  return `Against training again without each of ${own.figures['clusters'] ?? 0} clusters, answers of this synset correlate by ${own.score.toFixed(2)}${ceiling}. ${rivals}.`;
}
