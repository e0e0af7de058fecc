/** @file How far two ways to estimate influence agree about a query. */
import type { MethodAgreement } from '../../contract/cases-service.ts';
import type { QueryInfluences } from '../storage/queries.ts';

type Kept = Pick<QueryInfluences, 'proponents' | 'opponents'>;

export function agreementOf(
  first: Kept,
  second: Kept,
): Pick<MethodAgreement, 'top10' | 'top50' | 'sameSign'> {
  return {
    top10: topOverlap(first, second, 10),
    top50: topOverlap(first, second, 50),
    sameSign: shareOfSameSign(first, second),
  };
}

/** Part of the first's `count` strongest proponents that are among as many of the second's; null where either kept fewer. */
function topOverlap(first: Kept, second: Kept, count: number): number | null {
  if (first.proponents.length < count || second.proponents.length < count) return null;
  const others = new Set(second.proponents.slice(0, count).map(({ sampleId }) => sampleId));
  return first.proponents.slice(0, count).filter(({ sampleId }) => others.has(sampleId)).length / count;
}

/** Over the images that both kept, on whichever side. */
function shareOfSameSign(first: Kept, second: Kept): number | null {
  const signs = new Map<number, number>();
  for (const { sampleId, score } of [...second.proponents, ...second.opponents])
    signs.set(sampleId, Math.sign(score));
  let [both, same] = [0, 0];
  for (const { sampleId, score } of [...first.proponents, ...first.opponents]) {
    const other = signs.get(sampleId);
    if (other === undefined) continue;
    both++;
    if (other === Math.sign(score)) same++;
  }
  return both === 0 ? null : same / both;
}
