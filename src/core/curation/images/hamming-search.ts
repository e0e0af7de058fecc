/**
 * @file All pairs of 64-bit hashes that differ in few bits, without comparing every hash with every other.
 *
 * [Note: Multi-index hashing] Norouzi, Punjani, Fleet, "Fast search in Hamming space with multi-index hashing" (CVPR 2012): a hash is
 * cut into four words of 16 bits. Two hashes that differ in at most r bits differ in at most ⌊r/4⌋ bits in one of the words, so
 * looking up every word that near finds every pair; what it finds is checked.
 */
import { assert } from '../../base/assert.ts';

export interface HashPair {
  /** Places in the lists that were searched. */
  readonly first: number;
  readonly second: number;
  /** Bits that differ, 0 … 64. */
  readonly distance: number;
}

/** Two words for each hash. */
export type HashList = Uint32Array;

const WORDS = 4;
const WORD_VALUES = 1 << 16;

export function hammingDistance(a: HashList, first: number, b: HashList, second: number): number {
  return bitCount(a[2 * first]! ^ b[2 * second]!) + bitCount(a[2 * first + 1]! ^ b[2 * second + 1]!);
}

/** Every pair first < second within `radius`, each once, the first ones in rising order. */
export function pairsWithin(hashes: HashList, radius: number): Generator<HashPair> {
  return search(hashes, hashes, radius);
}

/** The pairs first < second where the hash of `first` lies within `radius` of what `turned` holds for `second`. */
export function pairsAcross(hashes: HashList, turned: HashList, radius: number): Generator<HashPair> {
  return search(turned, hashes, radius);
}

function* search(indexed: HashList, asked: HashList, radius: number): Generator<HashPair> {
  assert(radius >= 0 && radius <= 64, 'hashes differ in 0 to 64 bits');
  const count = asked.length / 2;
  const tables = Array.from({ length: WORDS }, (_, word) => indexWord(indexed, word));
  const masks = masksWithin(Math.floor(radius / WORDS));
  // Which hash asked last whether it was met: a pair is found once for each word that is near.
  const metBy = new Int32Array(count).fill(-1);
  for (let first = 0; first < count; first++) {
    for (const [word, { starts, places }] of tables.entries()) {
      const value = wordOf(asked, first, word);
      for (const mask of masks) {
        const key = value ^ mask;
        // Places of a bucket rise, so those at or before `first` need not be looked at.
        for (let at = starts[key + 1]! - 1; at >= starts[key]!; at--) {
          const second = places[at]!;
          if (second <= first) break;
          if (metBy[second] === first) continue;
          metBy[second] = first;
          const distance = hammingDistance(asked, first, indexed, second);
          if (distance <= radius) yield { first, second, distance };
        }
      }
    }
  }
}

interface WordIndex {
  /** Where the places of each value begin, and, one further, end. */
  readonly starts: Uint32Array;
  readonly places: Uint32Array;
}

function indexWord(hashes: HashList, word: number): WordIndex {
  const count = hashes.length / 2;
  const starts = new Uint32Array(WORD_VALUES + 1);
  for (let place = 0; place < count; place++) starts[wordOf(hashes, place, word) + 1]!++;
  for (let value = 0; value < WORD_VALUES; value++) starts[value + 1]! += starts[value]!;
  const next = starts.slice();
  const places = new Uint32Array(count);
  for (let place = 0; place < count; place++) places[next[wordOf(hashes, place, word)]!++] = place;
  return { starts, places };
}

function wordOf(hashes: HashList, place: number, word: number): number {
  return (hashes[2 * place + (word >> 1)]! >>> (16 * (word & 1))) & 0xffff;
}

/** Every 16-bit pattern with at most `bits` bits set. */
function masksWithin(bits: number): number[] {
  const masks: number[] = [];
  for (let mask = 0; mask < WORD_VALUES; mask++) if (bitCount(mask) <= bits) masks.push(mask);
  return masks;
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
