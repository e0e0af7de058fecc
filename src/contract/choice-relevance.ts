/** @file Which choices of an attribution are read, given the others: forms show these and no more. */
import type { AttributionChoices, AttributionMethod, EnsembleKind } from './attribution-choices.ts';

type ChoiceName = keyof AttributionChoices;

const shortened = ['projection', 'projectionSize'] as const;
const damped = ['relativeDamping'] as const;
const iterative = ['relativeDamping', 'iterations'] as const;
/** Shortened layer by layer, whatever projection was chosen. */
const layerwise = ['projectionSize', 'relativeDamping'] as const;

const readByMethod = {
  trak: [...shortened, ...damped],
  'grad-dot': shortened,
  'grad-cos': shortened,
  tracin: shortened,
  'if-cg': iterative,
  'if-lissa': iterative,
  'if-arnoldi': iterative,
  'if-datainf': damped,
  'if-kfac': damped,
  'if-ekfac': damped,
  logra: layerwise,
  'logra-kfac': layerwise,
  'logra-ekfac': layerwise,
  representer: damped,
  'embedding-dot': [],
  'embedding-cos': [],
  'embedding-l2': [],
} as const satisfies Record<AttributionMethod, readonly ChoiceName[]>;

const readByEnsemble = {
  independent: [],
  checkpoints: ['variants'],
  dropout: ['variants', 'dropoutRate', 'maskMode'],
  'dropout-forward': ['variants', 'dropoutRate', 'maskMode'],
  lora: ['variants', 'adapterRank', 'adapterEpochs', 'adapterLearningRate'],
} as const satisfies Record<EnsembleKind, readonly ChoiceName[]>;

/** The names of the choices that change the result of an attribution made like this. */
export function relevantChoices(choices: Pick<AttributionChoices, ChoiceName>): ReadonlySet<ChoiceName> {
  const { method, ensemble, models } = choices;
  const byMethod: readonly ChoiceName[] = readByMethod[method];
  const relevant = new Set<ChoiceName>([
    ...(['method', 'normalisation', 'ensemble', 'models', 'seed'] as const),
    ...byMethod,
    ...readByEnsemble[ensemble],
  ]);
  const severalMembers = ensemble !== 'independent' || models > 1;
  if (severalMembers) relevant.add('modelShare');
  if (severalMembers && relevant.has('projectionSize')) relevant.add('projectionSeeds');
  return relevant;
}
