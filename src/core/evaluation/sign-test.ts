/** @file Whether paired differences lean to one side: the exact sign test (Arbuthnott 1710; Dixon & Mood 1946). */
import type { Numbers } from '../linalg/ranks.ts';

export interface SignTest {
  readonly positive: number;
  readonly negative: number;
  /** Two-sided: how often a fair coin leans as far or further; 1 where all differences are zero. */
  readonly pValue: number;
}

/** Differences of zero tell nothing and are left out. */
export function signTest(differences: Numbers): SignTest {
  let [positive, negative] = [0, 0];
  for (let index = 0; index < differences.length; index++) {
    if (differences[index]! > 0) positive++;
    if (differences[index]! < 0) negative++;
  }
  const tail = coinTail(positive + negative, Math.min(positive, negative));
  return { positive, negative, pValue: Math.min(1, 2 * tail) };
}

/** P(at most `few` heads of `count` fair coins). */
function coinTail(count: number, few: number): number {
  let sum = 0;
  let logTerm = -count * Math.log(2);
  for (let heads = 0; heads <= few; heads++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((count - heads) / (heads + 1));
  }
  return sum;
}
