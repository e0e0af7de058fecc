/** @file The ways to attribute what a diffusion model made: rows of the same choices as for classifiers (METHODS §3). */
import type { DiffusionOutput } from '../diffusion/output-functions.ts';
import type { AttributionMethod, Preconditioning } from './method.ts';

export interface DiffusionMethod {
  /** What is differentiated, unless something else is asked for; or what is compared itself: the network's middle, or the pixels. */
  readonly features: DiffusionOutput | 'embedding' | 'pixels';
  readonly preconditioner: Extract<Preconditioning, 'identity' | 'ridge'>;
  readonly featureLength: AttributionMethod['featureLength'];
  /** w: one for all, or how badly each training image is predicted, r_i (DAS). */
  readonly sampleWeight: 'one' | 'residual';
  /** Where a query's gradients are taken: at the chosen steps of time like those of training images, or along the way on which it was made. */
  readonly queryGradients: 'steps' | 'journey';
}

const plain: DiffusionMethod = {
  features: 'loss',
  preconditioner: 'identity',
  featureLength: 'kept',
  sampleWeight: 'one',
  queryGradients: 'steps',
};

export const diffusionMethods = {
  'd-trak': { ...plain, features: 'square', preconditioner: 'ridge' },
  trak: { ...plain, preconditioner: 'ridge' },
  das: { ...plain, features: 'mean', preconditioner: 'ridge', sampleWeight: 'residual' },
  'journey-trak': { ...plain, preconditioner: 'ridge', queryGradients: 'journey' },
  'grad-dot': plain,
  'grad-cos': { ...plain, featureLength: 'unit' },
  // Its members are checkpoints, each weighed by the learning rate.
  tracin: plain,
  'pixel-dot': { ...plain, features: 'pixels' },
  'pixel-cos': { ...plain, features: 'pixels', featureLength: 'unit' },
  'embedding-dot': { ...plain, features: 'embedding' },
  'embedding-cos': { ...plain, features: 'embedding', featureLength: 'unit' },
} as const satisfies Readonly<Record<string, DiffusionMethod>>;

/** λ as a multiple of the mean non-zero eigenvalue where nothing is asked for (docs/methods/d-trak.md says what it was chosen by). */
export const diffusionDamping = 0.1;

export function hasGradients({ features }: DiffusionMethod): boolean {
  return features !== 'embedding' && features !== 'pixels';
}
