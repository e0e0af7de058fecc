/** @file The highest step of the claim ladder that each way of comparing reaches, whatever it finds. */
import type { ClaimStep } from '../../contract/claims.ts';
import type { DiffusionMethod, GroupMethod } from '../../contract/generation-configs.ts';

/** Baselines compare looks: they say nothing of what a model learned. */
export function stepOfMethod(method: DiffusionMethod): ClaimStep {
  return /^(pixel|embedding)-/.test(method) ? 'alike' : 'influence';
}

/** Only training again without a group measures its removal; unlearning and sums estimate. */
export function stepOfGroupMethod(method: GroupMethod): ClaimStep {
  if (method === 'logo') return 'removal';
  return method === 'pixel-mean' || method === 'embedding-mean' ? 'alike' : 'influence';
}
