/** @file The claim ladder: what a finding may be called, by how it was made. Screens say no more than that; the words are the reports' words. */
import { claimWords, type ClaimWords } from '../../../contract/claim-words.ts';
import type { ClaimStep } from '../../../contract/claims.ts';
import type { DiffusionMethod, GroupMethod } from '../../../contract/generation-configs.ts';

export interface Claim {
  readonly title: string;
  readonly explanation: string;
  readonly isMeasured: boolean;
}

export function claimOf(step: ClaimStep): Claim {
  const { heading, says, doesNotSay, isMeasured }: ClaimWords = claimWords[step];
  return { title: heading, explanation: `${says} ${doesNotSay}`, isMeasured };
}

/** What a synset says: it is told with the name of the method. */
export const foretold: Claim = {
  ...claimOf('influence'),
  explanation:
    'Foretold by a distilled datamodel (reconstructed): the model goes on from where training ended, several times, on synthetic images, without what is left out. What removal really changes is only known once it is measured.',
};

export function groupClaim(method: GroupMethod): Claim {
  if (method === 'logo') return claimOf('removal');
  return claimOf(method === 'embedding-mean' || method === 'pixel-mean' ? 'alike' : 'influence');
}

export function imageClaim(method: DiffusionMethod): Claim {
  return claimOf(/^(pixel|embedding)-/.test(method) ? 'alike' : 'influence');
}
