/** @file A member of an ensemble as something that features are computed of. */
import { subNetwork } from '../../core/nn/dropout.ts';
import type { AttributionWork } from './attribution-work.ts';
import type { FeatureModel } from './compute-features.ts';
import type { MemberModel } from './member-model.ts';

/** Reads its parameters. One mask for all images makes another network; a mask for each image comes with the image. */
export function featureModelOf(
  { model }: Pick<AttributionWork, 'model'>,
  { network, dropout, readParameters }: MemberModel,
): FeatureModel {
  const { normalization, pixels } = model;
  return {
    classifier: dropout?.mode === 'fixed' ? subNetwork(network, dropout.seed) : network,
    parameters: readParameters(),
    normalization,
    pixels,
    dropout: dropout?.mode === 'per-sample' ? { seed: dropout.seed } : null,
  };
}
