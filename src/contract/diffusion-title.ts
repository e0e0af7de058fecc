/** @file What an attribution of generated images is called where several are compared: 'D-TRAK, 10 steps of time'. */
import { relevantDiffusionChoices } from './diffusion-relevance.ts';
import type { DiffusionChoices } from './generation-configs.ts';
import { diffusionMethodWords } from './generation-words.ts';
import { ensembleWords } from './method-words.ts';

/** The method, and what differs from the plainest way to use it. */
export function diffusionTitle(choices: DiffusionChoices): string {
  const relevant = relevantDiffusionChoices(choices);
  const { method, outputFunction, timestepCount, models, variants, ensemble, relativeDamping } = choices;
  return [
    diffusionMethodWords[method].title,
    ...(relevant.has('outputFunction') && outputFunction !== null ? [outputFunction] : []),
    ...(relevant.has('timestepCount') ? [`${timestepCount} steps of time`] : []),
    ...(relevant.has('models') && models > 1 ? [`${models} models`] : []),
    ...(relevant.has('variants') ? [`${variants} × ${ensembleWords[ensemble].title.toLowerCase()}`] : []),
    ...(relevant.has('relativeDamping') && relativeDamping !== null
      ? [`damping ${Number(relativeDamping.toPrecision(2))}`]
      : []),
  ].join(', ');
}
