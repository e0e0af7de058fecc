/** @file How the outputs of perturbed models differ from those of the control. */
import { goodnessOf, type MeasuredOutput } from '../../core/evaluation/measured-outputs.ts';
import { zeros64, type Matrix64 } from '../../core/linalg/matrix.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import type { SynsetAnswer } from './ask-synset.ts';

/** [masks, queries]: goodness under each mask less that of the control. */
export function outputChanges(
  { perturbed, control }: Pick<SynsetAnswer, 'perturbed' | 'control'>,
  queries: readonly Pick<LabelledRow, 'classIndex'>[],
  measured: MeasuredOutput,
): Matrix64 {
  const classes = queries.map(({ classIndex }) => classIndex);
  const before = goodnessOf(control, classes, measured);
  const changes = zeros64(perturbed.length, queries.length);
  for (const [mask, logits] of perturbed.entries())
    changes.data.set(
      goodnessOf(logits, classes, measured).map((goodness, query) => goodness - before[query]!),
      mask * queries.length,
    );
  return changes;
}
