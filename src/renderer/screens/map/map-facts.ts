/** @file How a map was made, in a line. */
import type { ImageMap } from '../../../contract/maps-service.ts';
import { mapMethodNames } from '../../../contract/map-words.ts';
import { formatPercent } from '../../format/numbers.ts';

export function mapFacts({ method, source, shownVariance, choices }: ImageMap): string {
  const how =
    method === 'umap'
      ? `${choices.neighbours} neighbours, seed ${choices.seed}`
      : `both axes hold ${formatPercent(shownVariance ?? 0)} of the differences`;
  return `${mapMethodNames[method]} of ${source}: ${how}`;
}
