/** @file How each choice about the influence on generated images is named and explained in a form, and which of them are read. */
import type { DiffusionChoices, DiffusionMethod } from '../../../contract/generation-configs.ts';
import { diffusionMethodWords } from '../../../contract/generation-words.ts';
import { ensembleWords, normalisationWords, projectionWords } from '../../../contract/method-words.ts';
import { sentenceOfMethod, titlesOf, variantTitles, type FieldWords } from './choice-words.ts';

type ChoiceName = keyof DiffusionChoices;

export const outputWords = {
  loss: 'Training loss',
  'weighted-loss': 'Training loss, weighed as in the evidence bound',
  square: 'Squared length of the prediction',
  mean: 'Mean of the prediction',
  l1: 'Length of the prediction, absolute values',
  l2: 'Length of the prediction',
  linf: 'Largest value of the prediction',
} as const satisfies Record<NonNullable<DiffusionChoices['outputFunction']>, string>;

/** How one choice is named and explained, given the others. */
export function diffusionFieldWords(name: ChoiceName, choices: DiffusionChoices): FieldWords {
  switch (name) {
    case 'method':
      return {
        words: titlesOf(diffusionMethodWords),
        help: sentenceOfMethod(diffusionMethodWords[choices.method]),
      };
    case 'timestepCount':
      return { title: 'Steps of time' };
    case 'timestepStrategy':
      return {
        title: 'Which steps',
        words: {
          uniform: 'Spread evenly',
          early: 'The first ones',
          logarithmic: 'Evenly over the logarithm',
        },
      };
    case 'weights':
      return { words: { raw: 'As trained', average: 'Moving average' } };
    case 'ensemble':
      return { words: titlesOf(ensembleWords), help: ensembleWords[choices.ensemble].meaning };
    case 'models':
      return { title: 'Trained models' };
    case 'variants':
      return { title: variantTitles[choices.ensemble] };
    case 'normalisation':
      return { words: titlesOf(normalisationWords), help: normalisationWords[choices.normalisation].meaning };
    case 'projection':
      return { words: titlesOf(projectionWords), help: projectionWords[choices.projection].meaning };
    case 'relativeDamping':
      return { title: 'Damping' };
    default:
      return {};
  }
}

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

/** What an attribution is called where several are compared: 'D-TRAK, 10 steps of time'. */
export function diffusionTitle(choices: DiffusionChoices): string {
  const relevant = relevantDiffusionChoices(choices);
  const { method, outputFunction, timestepCount, models, variants, ensemble } = choices;
  return [
    diffusionMethodWords[method].title,
    ...(relevant.has('outputFunction') && outputFunction !== null ? [outputFunction] : []),
    ...(relevant.has('timestepCount') ? [`${timestepCount} steps of time`] : []),
    ...(relevant.has('models') && models > 1 ? [`${models} models`] : []),
    ...(relevant.has('variants') ? [`${variants} × ${ensembleWords[ensemble].title.toLowerCase()}`] : []),
  ].join(', ');
}
