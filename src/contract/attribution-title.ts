/** @file What an attribution is called where several are compared: 'TRAK, 10 models'. */
import type { AttributionChoices } from './attribution-choices.ts';
import { relevantChoices } from './choice-relevance.ts';
import { methodWords } from './method-words.ts';

const variantWords = {
  independent: '',
  checkpoints: 'checkpoints',
  dropout: 'dropout masks',
  'dropout-forward': 'forward dropout masks',
  lora: 'adapters',
} as const satisfies Record<AttributionChoices['ensemble'], string>;

/** The method, and what differs from the plainest way to use it. */
export function attributionTitle(choices: AttributionChoices): string {
  const { method, ensemble, models, variants, normalisation, projection, projectionSize, relativeDamping } =
    choices;
  const relevant = relevantChoices(choices);
  return [
    methodWords[method].title,
    ...(models > 1 ? [`${models} models`] : []),
    ...(relevant.has('variants') ? [`${variants} ${variantWords[ensemble]}`] : []),
    ...(normalisation === 'none' ? [] : [normalisation]),
    ...(relevant.has('projection') ? [`${projection} ${projectionSize}`] : []),
    ...(relevant.has('relativeDamping') && relativeDamping !== null
      ? [`damping ${Number(relativeDamping.toPrecision(2))}`]
      : []),
  ].join(', ');
}
