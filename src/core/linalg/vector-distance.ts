/** @file How far apart, and how alike, two vectors of one length are. */
import type { Numbers } from './ranks.ts';

/** ‖a − b‖₂ */
export function distanceBetween(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index]! - b[index]!) ** 2;
  return Math.sqrt(sum);
}

/** 0 where one of them is zero. */
export function cosineBetween(a: Numbers, b: Numbers): number {
  let [product, ofA, ofB] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    product += a[index]! * b[index]!;
    ofA += a[index]! ** 2;
    ofB += b[index]! ** 2;
  }
  return product === 0 ? 0 : product / Math.sqrt(ofA * ofB);
}
