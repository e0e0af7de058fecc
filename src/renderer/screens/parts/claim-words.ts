/** @file The claim ladder: what a finding may be called, by how it was made. Screens say no more than that. */
import type { DiffusionMethod, GroupMethod } from '../../../contract/generation-configs.ts';

export interface Claim {
  readonly title: string;
  readonly explanation: string;
  readonly isMeasured: boolean;
}

const similarity: Claim = {
  title: 'Looks alike',
  explanation:
    'Similarity alone. It does not say what the model learned from: a baseline that any estimate of influence has to beat.',
  isMeasured: false,
};

/** What a synset says: it is told with the name of the method. */
export const foretold: Claim = {
  title: 'Estimated influence',
  explanation:
    'Foretold by a distilled datamodel (reconstructed): copies of the model go on from where training ended, on synthetic images, without what is left out. What removal really changes is only known once it is measured.',
  isMeasured: false,
};

const influence: Claim = {
  title: 'Estimated influence',
  explanation:
    'An estimate, made without training again. What removal really changes is only known once it is measured.',
  isMeasured: false,
};

const removal: Claim = {
  title: 'Measured effect of removal',
  explanation:
    'The model was trained again without the group, and the difference was measured. Trainings differ by chance: repeats and random groups show by how much.',
  isMeasured: true,
};

export function groupClaim(method: GroupMethod): Claim {
  if (method === 'logo') return removal;
  return method === 'embedding-mean' || method === 'pixel-mean' ? similarity : influence;
}

export function imageClaim(method: DiffusionMethod): Claim {
  return /^(pixel|embedding)-/.test(method) ? similarity : influence;
}
