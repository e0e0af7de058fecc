/** @file What an attribution is called where several are compared: 'TRAK, 10 models'. */
import { relevantChoices } from '../../contract/choice-relevance.ts';
import type { AttributionChoices, AttributionMethod } from '../../contract/attribution-choices.ts';

const methodTitles = {
  trak: 'TRAK',
  'grad-dot': 'Grad-Dot',
  'grad-cos': 'Grad-Cos',
  tracin: 'TracIn',
  'if-cg': 'Influence (CG)',
  'if-lissa': 'Influence (LiSSA)',
  'if-arnoldi': 'Influence (Arnoldi)',
  'if-datainf': 'DataInf',
  'if-kfac': 'Influence (K-FAC)',
  'if-ekfac': 'Influence (EK-FAC)',
  logra: 'LoGra',
  'logra-kfac': 'LoGra (K-FAC)',
  'logra-ekfac': 'LoGra (EK-FAC)',
  representer: 'Representer points',
  'embedding-dot': 'Embeddings (dot product)',
  'embedding-cos': 'Embeddings (cosine)',
  'embedding-l2': 'Embeddings (distance)',
} as const satisfies Record<AttributionMethod, string>;

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
    methodTitles[method],
    ...(models > 1 ? [`${models} models`] : []),
    ...(relevant.has('variants') ? [`${variants} ${variantWords[ensemble]}`] : []),
    ...(normalisation === 'none' ? [] : [normalisation]),
    ...(relevant.has('projection') ? [`${projection} ${projectionSize}`] : []),
    ...(relevant.has('relativeDamping') && relativeDamping !== null
      ? [`damping ${Number(relativeDamping.toPrecision(2))}`]
      : []),
  ].join(', ');
}
