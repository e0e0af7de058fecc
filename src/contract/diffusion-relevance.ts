/** @file Which choices about the influence on generated images are read, given the others: forms show these and no more. */
import type { DiffusionChoices, DiffusionMethod } from './generation-configs.ts';

type ChoiceName = keyof DiffusionChoices;

const damped: readonly DiffusionMethod[] = ['d-trak', 'trak', 'das', 'journey-trak'];

const readByEnsemble = {
  independent: ['models'],
  checkpoints: ['models', 'variants'],
  dropout: ['models', 'variants', 'dropoutRate'],
  lora: ['models', 'variants', 'adapterRank', 'adapterSteps'],
} as const satisfies Record<DiffusionChoices['ensemble'], readonly ChoiceName[]>;

/** The names of the choices that change the result of an attribution made like this. */
export function relevantDiffusionChoices({ method, ensemble }: DiffusionChoices): ReadonlySet<ChoiceName> {
  if (method.startsWith('pixel-')) return new Set<ChoiceName>(['method']);
  if (method.startsWith('embedding-')) return new Set<ChoiceName>(['method', 'weights', 'seed']);
  return new Set<ChoiceName>([
    ...(['method', 'timestepCount', 'timestepStrategy', 'outputFunction', 'weights'] as const),
    ...(['normalisation', 'projection', 'projectionSize', 'ensemble', 'seed'] as const),
    ...(damped.includes(method) ? (['relativeDamping'] as const) : []),
    ...readByEnsemble[ensemble],
  ]);
}
