/** @file The attribution methods there are. One page of `docs/methods` each. */
import type { AttributionMethod } from './method.ts';

/** Gradients of the loss, compared as they are: what the others are told by their difference from. */
const plain: AttributionMethod = {
  outputFunction: 'loss',
  preconditioner: 'identity',
  gradients: 'projected',
  featureLength: 'kept',
  comparison: 'product',
  sampleWeight: 'one',
};
const influence: AttributionMethod = { ...plain, gradients: 'whole' };
const layerwise: AttributionMethod = { ...plain, gradients: 'factorised' };
const similarity: AttributionMethod = { ...plain, outputFunction: 'embedding' };

export const attributionMethods = {
  trak: { ...plain, outputFunction: 'margin', preconditioner: 'ridge', sampleWeight: 'residual' },
  'grad-dot': plain,
  'grad-cos': { ...plain, featureLength: 'unit' },
  // Its members are checkpoints, each weighed by the learning rate.
  tracin: plain,
  'if-cg': { ...influence, preconditioner: 'cg' },
  'if-lissa': { ...influence, preconditioner: 'lissa' },
  'if-arnoldi': { ...influence, preconditioner: 'arnoldi' },
  'if-datainf': { ...influence, preconditioner: 'datainf' },
  'if-kfac': { ...influence, preconditioner: 'kfac' },
  'if-ekfac': { ...influence, preconditioner: 'ekfac' },
  logra: { ...layerwise, preconditioner: 'ridge' },
  'logra-kfac': { ...layerwise, preconditioner: 'kfac' },
  'logra-ekfac': { ...layerwise, preconditioner: 'ekfac' },
  representer: { ...similarity, sampleWeight: 'representer' },
  'embedding-dot': similarity,
  'embedding-cos': { ...similarity, featureLength: 'unit' },
  'embedding-l2': { ...similarity, comparison: 'negative-distance' },
} as const satisfies Readonly<Record<string, AttributionMethod>>;
