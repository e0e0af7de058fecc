/** @file One member of an ensemble: what its features are gradients of. */
import type { Network } from '../../core/nn/network.ts';

export interface MemberModel {
  /** For a person, and distinct within the ensemble: 'model 2, mask 3'. */
  readonly name: string;
  /** Its parameters are those that gradients are taken by: of a LoRA member the adapters alone. */
  readonly network: Network;
  /** Read when the member's turn comes, so that never all members are in memory. */
  readonly readParameters: () => Float32Array;
  /** Hash of everything its features depend on besides images, output function and projection. */
  readonly identity: string;
  readonly projectionSeed: number;
  /** At most this many features: what was asked for, and less where there are few parameters (low-rank adapters). */
  readonly projectionSize: number;
  /** Masks of the network's dropout layers, one for all images or another for each; null: those layers do nothing. */
  readonly dropout: { readonly mode: 'fixed' | 'per-sample'; readonly seed: number } | null;
  /** 'residuals': only its forward pass counts, for the mean of the weights Q. */
  readonly contributes: 'scores-and-residuals' | 'scores' | 'residuals';
  /** TracIn: learning rate times steps that a checkpoint stands for; else 1. */
  readonly weight: number;
  /** What making it took when it was made; zeros for the model itself. */
  readonly cost: { readonly trainSeconds: number; readonly modelBytes: number };
}
