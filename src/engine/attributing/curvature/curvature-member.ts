/** @file The trained model whose curvature is wanted, and how. */
import type { Projection } from '../../../core/nn/projection.ts';
import type { FeatureModel, FeatureTarget } from '../compute-features.ts';

export interface CurvatureMember extends FeatureModel {
  /** What it was fitted to. */
  readonly learned: readonly FeatureTarget[];
  /** The coordinates of the gradients that are compared: 'factorised', or null where they are whole. */
  readonly projection: Projection | null;
}

export interface CurvatureSettings {
  /** λ as a multiple of the mean non-zero eigenvalue; null: one for the iterative solvers, else a tenth. */
  readonly relativeDamping: number | null;
  /** Steps of conjugate gradients, LiSSA or Arnoldi; null: chosen. */
  readonly iterations: number | null;
  /** L2 penalty that was part of the training loss, λ_wd/2·‖θ‖²; 0 where it is not known. */
  readonly weightDecay: number;
  readonly seed: number;
}
